import { DEFAULT_DEFINITIONS, Fault, homeKey } from '@kpi/core';
import { expect, test } from 'vitest';

import { createHomeHistory } from './home-history.ts';

type ReadHomes = Parameters<typeof createHomeHistory>[0]['records']['readHomes'];

function historyOf(readHomes: ReadHomes, archivedTo = 10) {
  return createHomeHistory({
    records: { readHomes },
    partitions: 2,
    archived: () => Promise.resolve(new Map([['kpi.product.v1:0', archivedTo]])),
    isErased: () => false,
    clock: Date.now,
  });
}

function asked(account: string, signal?: AbortSignal) {
  return {
    partition: 0,
    positions: new Map([['kpi.product.v1', 10]]),
    keys: [homeKey('acme', account)],
    definitionsOf: () => DEFAULT_DEFINITIONS,
    ...(signal === undefined ? {} : { signal }),
  };
}

test('history is read for one partition at a time, and goes on after a failure', async () => {
  const reading: string[] = [];
  let atOnce = 0;
  const history = historyOf(async function* readHomes({ accounts }) {
    reading.push(...accounts);
    atOnce += 1;
    await new Promise((resolve) => setTimeout(resolve, 5));
    expect(atOnce).toBe(1);
    atOnce -= 1;
    yield* [];
    if (accounts.includes('b')) throw new Fault('history_unreachable', 'is away');
  });
  const answers = await Promise.allSettled(['a', 'b', 'c'].map((one) => history.read(asked(one))));
  expect(answers.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
  expect(reading).toEqual(['a', 'b', 'c']);
});

test('who no longer wants an answer does not wait for the archive, and nothing is read', async () => {
  const stop = new AbortController();
  const history = historyOf(() => {
    throw new RangeError('nothing is to be read');
  }, 9);
  const answer = history.read(asked('a', stop.signal));
  stop.abort();
  expect(await answer).toEqual(new Map());
});
