import { setTimeout as sleep } from 'node:timers/promises';

import { expect, test } from 'vitest';

import { Turns } from './turns.ts';

/** Work that ends when it is told to, and says when it began. */
function work(turns: Turns, begun: string[], name: string) {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const done = turns.take(() => {
    begun.push(name);
    return promise;
  });
  return { done, end: () => resolve(name), fail: () => reject(new Error(name)) };
}

test('so many are in hand at a time, in the order in which they asked', async () => {
  const turns = new Turns(2);
  const begun: string[] = [];
  const [a, b, c, d] = ['a', 'b', 'c', 'd'].map((name) => work(turns, begun, name));
  await sleep(0);
  expect(begun).toEqual(['a', 'b']);
  b?.end();
  await expect(b?.done).resolves.toBe('b');
  await sleep(0);
  expect(begun).toEqual(['a', 'b', 'c']);
  a?.end();
  c?.end();
  d?.end();
  await Promise.all([a?.done, c?.done, d?.done]);
  expect(begun).toEqual(['a', 'b', 'c', 'd']);
});

test('what fails gives its turn on', async () => {
  const turns = new Turns(1);
  const begun: string[] = [];
  const failing = work(turns, begun, 'a');
  const next = work(turns, begun, 'b');
  failing.fail();
  await expect(failing.done).rejects.toThrow('a');
  next.end();
  await expect(next.done).resolves.toBe('b');
});

test('who waits for an engine holds nobody up, and gives its turn on once', async () => {
  const turns = new Turns(1, 20);
  const begun: string[] = [];
  const stuck = work(turns, begun, 'stuck');
  await expect(turns.take(() => Promise.resolve('next'))).resolves.toBe('next');
  stuck.end();
  await stuck.done;
  const [b, c] = ['b', 'c'].map((name) => work(turns, begun, name));
  await sleep(0);
  expect(begun).toEqual(['stuck', 'b']);
  b?.end();
  c?.end();
  await Promise.all([b?.done, c?.done]);
});
