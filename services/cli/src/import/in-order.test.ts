import { expect, test } from 'vitest';

import { inOrder } from './in-order.ts';

async function* numbers(count: number) {
  for (let number = 0; number < count; number += 1) yield number;
}

test('results come in the order of the items, whichever is ready first', async () => {
  const gates = Array.from({ length: 3 }, () => Promise.withResolvers<void>());
  const results = Array.fromAsync(
    inOrder(numbers(3), 3, async (number) => {
      await gates[number]?.promise;
      return number;
    }),
  );
  for (const gate of gates.toReversed()) gate.resolve();
  expect(await results).toEqual([0, 1, 2]);
});

test('no more than the limit are at work at once', async () => {
  const atWork = { now: 0, most: 0 };
  const results = inOrder(numbers(20), 4, async (number) => {
    atWork.now += 1;
    atWork.most = Math.max(atWork.most, atWork.now);
    await new Promise((resolve) => setImmediate(resolve));
    atWork.now -= 1;
    return number;
  });
  expect(await Array.fromAsync(results)).toHaveLength(20);
  expect(atWork).toEqual({ now: 0, most: 4 });
});

test('a failure ends it at its turn, after what was begun has settled', async () => {
  const finished: number[] = [];
  const results = inOrder(numbers(10), 3, async (number) => {
    if (number === 1) throw new Error('no');
    await new Promise((resolve) => setImmediate(resolve));
    finished.push(number);
    return number;
  });
  const seen: number[] = [];
  await expect(
    (async () => {
      for await (const result of results) seen.push(result);
    })(),
  ).rejects.toThrow('no');
  expect(seen).toEqual([0]);
  expect(finished).toEqual([0, 2, 3]);
});
