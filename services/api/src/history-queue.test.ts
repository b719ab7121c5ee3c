import { DEFAULT_DEFINITIONS, type KpiQuery, days } from '@kpi/core';
import { expect, test } from 'vitest';

import { queueReads } from './history-queue.ts';

const ANSWERED = [{ asOf: 1, group: [], components: {} }];

function query(asOf: number): KpiQuery {
  return {
    tenantId: 'acme',
    kpiId: 'csat_score',
    windowMs: days(28),
    asOf: [asOf],
    by: [],
    filter: {},
    definitions: DEFAULT_DEFINITIONS,
  };
}

/** A store that answers when it is told to, oldest question first. */
function slowStore() {
  const asked: number[] = [];
  const pending: PromiseWithResolvers<typeof ANSWERED>[] = [];
  return {
    asked,
    read: ({ asOf }: KpiQuery) => {
      asked.push(asOf[0] ?? 0);
      const answer = Promise.withResolvers<typeof ANSWERED>();
      pending.push(answer);
      return answer.promise;
    },
    answer: () => pending.shift()?.resolve(ANSWERED),
    fail: () => pending.shift()?.reject(new Error('away')),
  };
}

test('few reads run at a time, the others in order of asking', async () => {
  const store = slowStore();
  const reader = queueReads(store, { runningMax: 2, waitingMax: 9 });
  const answers = [1, 2, 3, 4].map((asOf) => reader.read(query(asOf)));
  await expect.poll(() => store.asked.length).toBeGreaterThan(0);
  expect(store.asked).toEqual([1, 2]);
  store.answer();
  await answers[0];
  await expect.poll(() => store.asked).toEqual([1, 2, 3]);
  store.fail();
  await expect(answers[1]).rejects.toThrow('away');
  await expect.poll(() => store.asked).toEqual([1, 2, 3, 4]);
});

test('the same question at the same time is one read, and a new one afterwards', async () => {
  const store = slowStore();
  const reader = queueReads(store, { runningMax: 2, waitingMax: 9 });
  const both = [reader.read(query(1)), reader.read(query(1))];
  await expect.poll(() => store.asked.length).toBeGreaterThan(0);
  store.answer();
  expect(await Promise.all(both)).toEqual([ANSWERED, ANSWERED]);
  expect(store.asked).toEqual([1]);
  void reader.read(query(1));
  await expect.poll(() => store.asked).toEqual([1, 1]);
});

test('more than the line holds are refused', async () => {
  const reader = queueReads(slowStore(), { runningMax: 1, waitingMax: 1 });
  void reader.read(query(1));
  void reader.read(query(2));
  await expect(reader.read(query(3))).rejects.toMatchObject({ code: 'history_unreachable' });
});

test('a read that nobody waits for any longer leaves its turn to the next', async () => {
  const store = slowStore();
  const reader = queueReads(store, { runningMax: 1, waitingMax: 9 });
  const gone = new AbortController();
  void reader.read(query(1));
  const late = reader.read(query(2), { signal: gone.signal });
  void reader.read(query(3));
  gone.abort();
  await expect.poll(() => store.asked).toEqual([1]);
  store.answer();
  await expect(late).rejects.toMatchObject({ code: 'history_unreachable' });
  await expect.poll(() => store.asked).toEqual([1, 3]);
});
