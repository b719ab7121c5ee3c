import { expect, test } from 'vitest';

import { encodeMessage, gapBetween, parseLastEventId } from './sse.ts';

test('a message ends with an empty line and carries its id', () => {
  expect(encodeMessage({ id: 7, event: 'value', data: '{"a":1}' })).toBe(
    'id: 7\nevent: value\ndata: {"a":1}\n\n',
  );
  expect(encodeMessage({ event: 'gap', data: '{}' })).toBe('event: gap\ndata: {}\n\n');
});

test.each([
  ['12', 12],
  ['0', 0],
  ['', undefined],
  ['-1', undefined],
  ['1e3', undefined],
  ['9'.repeat(16), undefined],
  [undefined, undefined],
  [['1', '2'], undefined],
])('the last event id %j is %s', (text, sequence) => {
  expect(parseLastEventId(text)).toBe(sequence);
});

test('only missing values are a gap', () => {
  expect(gapBetween(4, 5)).toBeUndefined();
  expect(gapBetween(4, 7)).toBe('event: gap\ndata: {"after":4,"before":7}\n\n');
});
