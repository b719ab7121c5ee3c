import { Fault } from '@kpi/core';
import { expect, test } from 'vitest';

import { ComparisonFeed } from './comparison-feed.ts';

test('an answer is told once, and asked for again when it was told', async () => {
  let asked = 0;
  const feed = new ComparisonFeed(async () => {
    asked += 1;
    return String(asked);
  });
  expect(feed.poll()).toBeUndefined();
  await Promise.resolve();
  expect(feed.poll()).toBe('1');
  await Promise.resolve();
  expect(feed.poll()).toBe('2');
  expect(asked).toBe(3);
});

test('while it is made it is not asked for a second time', async () => {
  const { promise, resolve } = Promise.withResolvers<string>();
  let asked = 0;
  const feed = new ComparisonFeed(() => {
    asked += 1;
    return promise;
  });
  expect([feed.poll(), feed.poll(), feed.poll()]).toEqual([undefined, undefined, undefined]);
  expect(asked).toBe(1);
  resolve('answer');
  await promise;
  await Promise.resolve();
  expect(feed.poll()).toBe('answer');
});

test('a store that is away is asked again; a bug is not hidden', async () => {
  const errors: unknown[] = [new Fault('history_unreachable', 'away'), new RangeError('a bug')];
  const feed = new ComparisonFeed(() => Promise.reject(errors.shift()));
  expect(feed.poll()).toBeUndefined();
  await new Promise(setImmediate);
  expect(feed.poll()).toBeUndefined();
  await new Promise(setImmediate);
  expect(() => feed.poll()).toThrow('a bug');
});
