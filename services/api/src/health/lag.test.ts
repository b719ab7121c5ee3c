import { expect, test } from 'vitest';

import { lagOf } from './lag.ts';

const ranges = new Map([
  [
    'lms',
    new Map([
      [1, { start: 4, end: 9 }],
      [0, { start: 0, end: 10 }],
    ]),
  ],
  ['billing', new Map([[0, { start: 0, end: 3 }]])],
]);

test('lag is what the log holds and a consumer has not taken, by partition and by topic', () => {
  const applied = { 'lms:0': 7, 'billing:0': 3, 'lms:1': 9 };
  expect(lagOf({ ranges, applied, archived: new Map([['lms:1', 5]]) })).toEqual({
    aggregate: 3,
    archive: 17,
    partitions: [
      { partition: 0, aggregate: 3, archive: 13, kept: 13, retentionUsed: 0 },
      { partition: 1, aggregate: 0, archive: 4, kept: 5, retentionUsed: 0.8 },
    ],
    topics: [
      { topic: 'lms', aggregate: 3, archive: 14, kept: 15 },
      { topic: 'billing', aggregate: 0, archive: 3, kept: 3 },
    ],
  });
});

test('nobody lags by what retention has deleted, nor below zero when the log was cut', () => {
  const applied = { 'lms:0': 100, 'lms:1': 0, 'billing:0': 100 };
  const { partitions } = lagOf({ ranges, applied, archived: new Map([['lms:1', 9]]) });
  expect(partitions).toEqual([
    { partition: 0, aggregate: 0, archive: 13, kept: 13, retentionUsed: 0 },
    { partition: 1, aggregate: 5, archive: 0, kept: 5, retentionUsed: 1 },
  ]);
});

test('a log from which all was deleted after it was read is no danger', () => {
  const gone = new Map([['lms', new Map([[0, { start: 10, end: 10 }]])]]);
  const { partitions } = lagOf({ ranges: gone, applied: {}, archived: new Map() });
  expect(partitions).toMatchObject([{ kept: 0, retentionUsed: 0 }]);
});
