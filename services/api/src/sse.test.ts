import { expect, test } from 'vitest';

import { UNKNOWN_ID, encodeMessage, readLastEventId } from './sse.ts';

test('a message ends with an empty line and carries its id', () => {
  expect(encodeMessage({ id: '5-7', event: 'value', data: '{"a":1}' })).toBe(
    'id: 5-7\nevent: value\ndata: {"a":1}\n\n',
  );
  expect(encodeMessage({ event: 'reset', data: '{}' })).toBe('event: reset\ndata: {}\n\n');
});

test.each([
  ['1764350000000-12', '1764350000000-12'],
  ['', undefined],
  [undefined, undefined],
  ['12', UNKNOWN_ID],
  ['-1', UNKNOWN_ID],
  ['1-2 ', UNKNOWN_ID],
  [`${'9'.repeat(16)}-1`, UNKNOWN_ID],
  [['1-1', '1-2'], UNKNOWN_ID],
])('the last event id %j is %s', (text, id) => {
  expect(readLastEventId(text)).toBe(id);
});
