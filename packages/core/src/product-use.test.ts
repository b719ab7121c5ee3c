import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { NO_ACCOUNT } from './account.ts';
import { keyAction } from './activity.ts';
import { DEFAULT_DEFINITIONS, type Definitions } from './definitions.ts';
import { DAY_MS, HOUR_MS, days } from './duration.ts';
import { Home } from './home.ts';
import { activationRate } from './kpis/activation-rate.ts';
import { type Starter, regularUse, starterOf } from './product-use.ts';
import { contains } from './span.ts';

const WEEK_MS = days(7);
const WEEKS = 4;

interface Rule {
  readonly days: number;
  readonly blocks: number;
}

/** Whether enough of the seven-day blocks before t hold enough active days, by counting them. */
function isRegularAt(at: number, hours: readonly number[], rule: Rule): boolean {
  const full = Array.from({ length: WEEKS }, (_, block) => at - (block + 1) * WEEK_MS).filter(
    (from) => {
      const active = hours.filter((hour) => from <= hour && hour < from + WEEK_MS);
      return new Set(active.map((hour) => Math.floor(hour / DAY_MS))).size >= rule.days;
    },
  );
  return full.length >= rule.blocks;
}

test('use is regular when enough blocks hold enough active days, also exactly at the edges of blocks', () => {
  const hour = fc.nat({ max: 6 * 7 * 24 }).map((count) => count * HOUR_MS);
  const rule = fc.record({
    days: fc.integer({ min: 1, max: 3 }),
    blocks: fc.integer({ min: 1, max: WEEKS }),
  });
  fc.assert(
    fc.property(fc.uniqueArray(hour, { minLength: 1, maxLength: 14 }), rule, (drawn, asked) => {
      const hours = drawn.toSorted((a, b) => a - b);
      const spans = regularUse(hours, days(28), asked);
      for (const edge of hours.flatMap((at) => [0, 1, 2, 3, 4].map((n) => at + n * WEEK_MS))) {
        for (const at of [edge - 1, edge, edge + 1]) {
          const isRegular = spans.some((span) => contains(span, at));
          expect(isRegular, `at ${at}`).toBe(isRegularAt(at, hours, asked));
        }
      }
    }),
  );
});

describe('key actions', () => {
  /** When the account that first did actions at these times is activated. */
  function activatedAt(
    rule: Definitions['activation']['rule'],
    first: Readonly<Record<string, number>>,
  ): number {
    const home = new Home();
    home.mergeAll(Object.entries(first).map(([action, at]) => keyAction(action, at)));
    const activation = { ...DEFAULT_DEFINITIONS.activation, keyActions: ['one', 'two'], rule };
    return starterOf(home, NO_ACCOUNT, { ...DEFAULT_DEFINITIONS, activation }).activatedAt;
  }

  test('are done with the last of all, or with as many as the rule asks', () => {
    expect(activatedAt('all', { one: 5, two: 3 })).toBe(5);
    expect(activatedAt('all', { one: 5 })).toBe(Infinity);
    expect(activatedAt(1, { one: 5, two: 3 })).toBe(3);
  });

  test('in order are never done when one was first done before the one listed before it', () => {
    expect(activatedAt('ordered', { one: 3, two: 5 })).toBe(5);
    expect(activatedAt('ordered', { one: 5, two: 3 })).toBe(Infinity);
    expect(activatedAt('ordered', { one: 4, two: 4 })).toBe(4);
  });

  test('exactly at the end of the horizon are too late', () => {
    const { activated } = activationRate.measures;
    if (activated?.unit !== 'starter') throw new TypeError('activated counts starters');
    const options = { windowMs: days(7), definitions: DEFAULT_DEFINITIONS };
    const { horizonMs } = DEFAULT_DEFINITIONS.activation;
    const starter: Omit<Starter, 'activatedAt'> = {
      state: NO_ACCOUNT,
      createdAt: 0,
      isImported: false,
    };
    const countAt = (at: number): number =>
      activated.intervals({ ...starter, activatedAt: at }, options).length;
    expect([horizonMs - 1, horizonMs].map(countAt)).toEqual([1, 0]);
  });
});
