import { expect, test } from 'vitest';

import { lagByPartition } from './lag.ts';

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

test('lag is what the log holds and a consumer has not taken, over all topics', () => {
  const applied = { 'lms:0': 7, 'billing:0': 3, 'lms:1': 9 };
  expect(lagByPartition({ ranges, applied, archived: new Map([['lms:1', 5]]) })).toEqual([
    { partition: 0, aggregate: 3, archive: 13 },
    { partition: 1, aggregate: 0, archive: 4 },
  ]);
});

test('nobody lags by what retention has deleted, nor below zero when the log was cut', () => {
  const applied = { 'lms:0': 100, 'lms:1': 0, 'billing:0': 100 };
  expect(lagByPartition({ ranges, applied, archived: new Map() })).toEqual([
    { partition: 0, aggregate: 0, archive: 13 },
    { partition: 1, aggregate: 5, archive: 5 },
  ]);
});
