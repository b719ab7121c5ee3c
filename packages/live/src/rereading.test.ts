import { Fault, type PlacedFact, activeHour } from '@kpi/core';
import { expect, test } from 'vitest';

import { type ReadAgain, Rereading } from './rereading.ts';

const never = new AbortController().signal;
const fact = (hour: number): PlacedFact => activeHour(hour * 3_600_000);
const said = (...facts: readonly PlacedFact[]) => new Map([['a', facts]]);

/** History answers when `answer` is called, with the facts given. */
function scene(stale: readonly string[] = [], isHeld = false) {
  const taken: ReadAgain[] = [];
  const asked: (readonly string[])[] = [];
  const hindered: string[] = [];
  let settle: { resolve: (facts: readonly PlacedFact[]) => void; reject: (e: unknown) => void };
  const rereading = new Rereading({
    stale: new Set(stale),
    read: async (keys) => {
      asked.push(keys);
      const facts = await new Promise<readonly PlacedFact[]>((resolve, reject) => {
        settle = { resolve, reject };
      });
      return new Map(keys.map((key) => [key, facts]));
    },
    take: async (collect) => {
      taken.push(collect());
    },
    onHindered: ({ code }) => void hindered.push(code),
    isHeld,
  });
  return {
    rereading,
    taken,
    asked,
    hindered,
    answer: (...facts: readonly PlacedFact[]) => settle.resolve(facts),
    fail: (error: unknown) => settle.reject(error),
  };
}

test('a home is what history had, and what its events said meanwhile', async () => {
  const { rereading, taken, asked, answer } = scene();
  rereading.note(['a'], said(fact(1)));
  rereading.note([], said(fact(2)));
  rereading.note([], new Map([['b', [fact(9)]]]));
  answer(fact(0));
  await rereading.settled(never);
  expect(asked).toEqual([['a']]);
  expect(taken).toEqual([{ facts: said(fact(0), fact(2)), stillStale: new Set() }]);
  expect(rereading.stale).toBe(0);
});

test('a home that is stale again meanwhile has another turn, with others that came', async () => {
  const { rereading, taken, asked, answer } = scene();
  rereading.note(['a'], new Map());
  rereading.note(['a', 'b'], said(fact(2)));
  expect(rereading.stale).toBe(2);
  answer();
  const settled = rereading.settled(never);
  await expect.poll(() => asked.length).toBe(2);
  expect(taken).toEqual([{ facts: said(fact(2)), stillStale: new Set(['a']) }]);
  answer(fact(1));
  await settled;
  expect(asked[1]).toEqual(['a', 'b']);
  expect(taken[1]?.stillStale).toEqual(new Set());
});

test('what was stale before is read at once, and again while history is away', async () => {
  const { rereading, taken, asked, hindered, answer, fail } = scene(['a']);
  rereading.begin();
  fail(new Fault('history_unreachable', 'is away'));
  await expect.poll(() => asked.length).toBe(2);
  expect([hindered, taken]).toEqual([['history_unreachable'], []]);
  answer();
  await rereading.settled(never);
  expect(rereading.stale).toBe(0);
});

test('what nobody expects ends it, and whoever works on the partition is told', async () => {
  const { rereading, fail } = scene(['a']);
  rereading.begin();
  fail(new RangeError('broken'));
  await expect(rereading.settled(never)).rejects.toThrow('broken');
  expect(() => rereading.check()).toThrow('broken');
});

test('when more is said than can be kept, homes are read as of a later place', async () => {
  const { rereading, taken, asked, answer } = scene();
  rereading.note(['a'], new Map());
  const many = Array.from({ length: 50_001 }, () => fact(1));
  rereading.note([], said(...many));
  answer();
  await expect.poll(() => asked.length).toBe(2);
  expect(taken).toEqual([]);
  answer(fact(1));
  await rereading.settled(never);
  expect(taken).toEqual([{ facts: said(fact(1)), stillStale: new Set() }]);
});

test('closing waits for nobody', async () => {
  const { rereading, answer, taken } = scene(['a']);
  rereading.begin();
  const closed = rereading.close();
  answer();
  await closed;
  expect(taken).toEqual([]);
});

test('what is held is read once somebody waits for it', async () => {
  const { rereading, asked, answer } = scene(['a'], true);
  rereading.note(['b'], new Map());
  expect(asked).toEqual([]);
  const settled = rereading.settled(never);
  expect(asked).toEqual([['a', 'b']]);
  answer();
  await settled;
  expect(rereading.stale).toBe(0);
});
