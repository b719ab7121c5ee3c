import { expect, test } from 'vitest';

import { type Progressing, longest, progressReadiness } from './progress.ts';

const NOW = 1_000_000;

function consumer(state: Partial<Record<'lag' | 'progressAt', number>>): Progressing {
  return {
    lag: () => [{ lag: state.lag ?? 0 }],
    lastProgressAt: () => state.progressAt ?? NOW,
    obstacle: () => undefined,
  };
}

test('who has nothing to do is ready, however long nothing moved', () => {
  expect(progressReadiness('x', consumer({ progressAt: 0 }), NOW)).toEqual({ isReady: true });
});

test('who is behind is ready while something moves', () => {
  const moving = consumer({ lag: 9, progressAt: NOW - 29_000 });
  expect(progressReadiness('x', moving, NOW)).toEqual({ isReady: true });
  const stalled = consumer({ lag: 9, progressAt: NOW - 31_000 });
  expect(progressReadiness('x', stalled, NOW)).toEqual({
    isReady: false,
    reason: 'x is 9 events behind and has not moved for 31 s',
  });
});

test('an engine that does not answer is a reason after three seconds, with or without lag', () => {
  const waiting = (since: number): Progressing => ({
    ...consumer({}),
    obstacle: () => ({ since, code: 'store_unreachable', reason: 'Redis does not answer' }),
  });
  expect(progressReadiness('x', waiting(NOW - 2_900), NOW)).toEqual({ isReady: true });
  expect(progressReadiness('x', waiting(NOW - 3_000), NOW)).toEqual({
    isReady: false,
    reason: 'x has waited for 3 s: Redis does not answer',
  });
});

test('of several obstacles the one that has lasted longest counts', () => {
  const first = { since: 1, code: 'store_unreachable', reason: 'a' } as const;
  expect(longest([{ since: 2, code: 'broker_unreachable', reason: 'b' }, undefined, first])).toBe(
    first,
  );
  expect(longest([undefined])).toBeUndefined();
});
