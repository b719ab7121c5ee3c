import { expect, test } from 'vitest';

import { NO_ACCOUNT } from './account.ts';
import { DEFAULT_DEFINITIONS } from './definitions.ts';
import { days } from './duration.ts';
import { entityName } from './entity.ts';
import { type FactOf } from './fact.ts';
import { Home } from './home.ts';
import { expanderOf } from './expansion.ts';
import { fact } from './test-company.ts';

interface Change {
  readonly day: number;
  readonly mrrMinor: number;
  readonly step?: FactOf<'subscription'>['step'];
  readonly quantity?: number;
}

/** What a subscription adds by these changes, with pauses of up to ten days: `kind day`. */
function expansionsOf(...changes: readonly Change[]): readonly string[] {
  const home = new Home();
  home.mergeAll(
    changes.map(({ day, mrrMinor, step = 'updated', quantity = 1 }) => ({
      entity: entityName('s', 'test', 'main'),
      fact: fact(`e${day}`, days(day), {
        kind: 'subscription',
        step,
        mrrMinor,
        currency: 'EUR',
        plan: 'pro',
        product: 'app',
        quantity,
        reason: null,
      }),
    })),
  );
  const definitions = {
    ...DEFAULT_DEFINITIONS,
    churn: { ...DEFAULT_DEFINITIONS.churn, pauseLimitMs: days(10) },
  };
  const { expansions } = expanderOf(home, NO_ACCOUNT, definitions);
  return expansions.map(({ kind, at }) => `${kind} ${at / days(1)}`);
}

const start: Change = { day: 1, step: 'started', mrrMinor: 100 };
const pause: Change = { day: 20, mrrMinor: 0 };

test('whoever goes on after a pause within the limit with what there was adds nothing', () => {
  expect(expansionsOf(start, pause, { day: 25, mrrMinor: 100 })).toEqual(['cross_sell 1']);
  // A second update to 0 begins no other pause.
  const again = { ...pause, day: 24 };
  expect(expansionsOf(start, pause, again, { day: 30, mrrMinor: 100 })).toEqual(['cross_sell 1']);
});

test('and with more of it, just that', () => {
  const more = { day: 25, mrrMinor: 150, quantity: 2 };
  expect(expansionsOf(start, pause, more)).toEqual(['cross_sell 1', 'upsell 25']);
});

test('after a longer one, or an end, it is a product that was not held', () => {
  const late = { day: 31, mrrMinor: 100 };
  expect(expansionsOf(start, pause, late)).toEqual(['cross_sell 1', 'cross_sell 31']);
  const ended: Change = { day: 21, step: 'ended', mrrMinor: 0 };
  expect(expansionsOf(start, pause, ended, { day: 25, mrrMinor: 100 })).toEqual([
    'cross_sell 1',
    'cross_sell 25',
  ]);
});
