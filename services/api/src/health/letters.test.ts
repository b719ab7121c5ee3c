import { expect, test } from 'vitest';

import { lettersByReason } from './letters.ts';

test('letters are counted by reason, the commonest first, with who sent them', () => {
  const letters = [
    { reason: 'event_invalid', source: 'zendesk' },
    { reason: 'avro_invalid', source: null },
    { reason: 'occurred_in_future', source: 'lms' },
    { reason: 'occurred_in_future', source: 'lms' },
    { reason: 'occurred_in_future', source: 'crm' },
  ];
  expect(lettersByReason(letters)).toEqual([
    { reason: 'occurred_in_future', count: 3, sources: ['crm', 'lms'] },
    { reason: 'avro_invalid', count: 1, sources: [] },
    { reason: 'event_invalid', count: 1, sources: ['zendesk'] },
  ]);
});
