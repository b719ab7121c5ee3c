import { expect, test } from 'vitest';

import { lagByPartition } from './lag.ts';

const ends = new Map([
  [
    'lms',
    [
      { partition: 0, first: 0, next: 10 },
      { partition: 1, first: 4, next: 9 },
    ],
  ],
  [
    'billing',
    [
      { partition: 0, first: 0, next: 3 },
      { partition: 1, first: 0, next: 0 },
    ],
  ],
]);

test('lag is what the log holds and the reader has not taken, over all topics', () => {
  const live = new Map([
    ['lms/0', 7],
    ['billing/0', 3],
    ['lms/1', 9],
  ]);
  expect(
    lagByPartition(ends, {
      live: (topic, partition) => live.get(`${topic}/${partition}`),
      history: () => undefined,
    }),
  ).toEqual([
    { partition: 0, live: 3, history: 13 },
    { partition: 1, live: 0, history: 5 },
  ]);
});

test('nobody lags by records that retention has deleted', () => {
  const reader = () => 0;
  expect(lagByPartition(ends, { live: reader, history: reader })[1]).toEqual({
    partition: 1,
    live: 5,
    history: 5,
  });
});

test('a reader that is ahead of a cut log does not lag below zero', () => {
  const reader = () => 100;
  expect(lagByPartition(ends, { live: reader, history: reader })[0]).toEqual({
    partition: 0,
    live: 0,
    history: 0,
  });
});
