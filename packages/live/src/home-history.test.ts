import { DEFAULT_DEFINITIONS, Fault, homeKey } from '@kpi/core';
import { expect, test } from 'vitest';

import { createHomeHistory } from './home-history.ts';

type ReadHomes = Parameters<typeof createHomeHistory>[0]['records']['readHomes'];

function historyOf(readHomes: ReadHomes, archivedTo = 10) {
  return createHomeHistory({
    records: { readHomes },
    partitions: 4,
    archived: () =>
      Promise.resolve(
        new Map([0, 1, 2, 3].map((partition) => [`kpi.product.v1:${partition}`, archivedTo])),
      ),
    isErased: () => false,
    clock: Date.now,
    rests: 1,
  });
}

function asked(
  account: string,
  { partition = 0, signal }: { partition?: number; signal?: AbortSignal } = {},
) {
  return {
    partition,
    positions: new Map([['kpi.product.v1', 10 - partition]]),
    keys: [homeKey('acme', account)],
    definitionsOf: () => DEFAULT_DEFINITIONS,
    ...(signal === undefined ? {} : { signal }),
  };
}

test('what partitions ask for while history is read is read together, one request of each, also after a failure', async () => {
  const reading: object[] = [];
  const history = historyOf(async function* readHomes({ accounts, partitions, bound }) {
    reading.push({ accounts, partitions, bound });
    await new Promise((resolve) => setTimeout(resolve, 5));
    yield* [];
    if (reading.length === 1) throw new Fault('history_unreachable', 'is away');
  });
  const answers = await Promise.allSettled([
    history.read(asked('a')),
    history.read(asked('b', { partition: 1 })),
    history.read(asked('c', { partition: 2 })),
    history.read(asked('d', { partition: 2 })),
  ]);
  expect(answers.map(({ status }) => status)).toEqual([
    'rejected',
    'fulfilled',
    'fulfilled',
    'fulfilled',
  ]);
  expect(reading).toEqual([
    { accounts: ['a'], partitions: [0], bound: { 'kpi.product.v1:0': 10 } },
    {
      accounts: ['b', 'c'],
      partitions: [1, 2],
      bound: { 'kpi.product.v1:1': 9, 'kpi.product.v1:2': 8 },
    },
    { accounts: ['d'], partitions: [2], bound: { 'kpi.product.v1:2': 8 } },
  ]);
});

test('who no longer wants an answer does not wait for the archive, and nothing is read', async () => {
  const stop = new AbortController();
  const history = historyOf(() => {
    throw new RangeError('nothing is to be read');
  }, 9);
  const answer = history.read(asked('a', { signal: stop.signal }));
  stop.abort();
  expect(await answer).toEqual(new Map());
});

test('the home of what is about nobody is read too when it is asked for', async () => {
  const reading: object[] = [];
  const history = historyOf(async function* readHomes({ accounts, users, ofNobody }) {
    reading.push({ accounts, users, ofNobody });
    yield* [];
  });
  await history.read(asked('a'));
  await history.read(asked(''));
  expect(reading).toEqual([
    { accounts: ['a'], users: [], ofNobody: false },
    { accounts: [], users: [], ofNobody: true },
  ]);
});
