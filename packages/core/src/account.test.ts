import { describe, expect, test } from 'vitest';

import { type AccountState, accountState, activeAt, pieceAt } from './account.ts';
import { DEFAULT_DEFINITIONS, type Definitions } from './definitions.ts';
import { ENTITY, entityName } from './entity.ts';
import { type Fact, type FactOf } from './fact.ts';

type Step = Partial<FactOf<'subscription'>> & { readonly at: number };

function history(id: string, ...steps: readonly Step[]): readonly [string, readonly Fact[]] {
  const facts = steps.map((step, index): Fact => ({
    key: `${id}-${index}`,
    eventId: `${id}-${index}`,
    sourceVersion: 0,
    receivedAt: 0,
    offset: 0,
    kind: 'subscription',
    step: 'started',
    mrrMinor: 100,
    currency: 'EUR',
    plan: 'pro',
    product: 'app',
    quantity: 1,
    reason: null,
    ...step,
  }));
  return [entityName(ENTITY.subscription, 'test', id), facts];
}

function stateOf(
  subscriptions: readonly (readonly [string, readonly Fact[]])[],
  definitions: Definitions = DEFAULT_DEFINITIONS,
): AccountState {
  const facts = { account: [], subscriptions: new Map(subscriptions), trainings: [] };
  return accountState(facts, definitions);
}

const ended = { step: 'ended', mrrMinor: 0 } as const;
const paused = { step: 'updated', mrrMinor: 0 } as const;

describe('an account is active', () => {
  test('while any subscription has revenue; touching stretches are one', () => {
    const state = stateOf([
      history('a', { at: 10 }, { at: 20, ...ended }),
      history('b', { at: 20 }, { at: 30, ...ended }, { at: 40 }),
    ]);
    expect(state.active).toEqual([
      { from: 10, to: 30 },
      { from: 40, to: Infinity },
    ]);
    expect([9, 10, 29, 30, 40].map((at) => activeAt(state, at) !== undefined)).toEqual([
      false,
      true,
      true,
      false,
      true,
    ]);
  });

  test('not in a trial, and again after an update that follows the end', () => {
    const steps = [
      { at: 1, mrrMinor: 0 },
      { at: 5, ...ended },
      { at: 9, step: 'updated' },
    ] as const;
    expect(stateOf([history('a', ...steps)]).active).toEqual([{ from: 9, to: Infinity }]);
  });

  test('through a pause within its limit, and until the limit in a longer one', () => {
    const definitions = {
      ...DEFAULT_DEFINITIONS,
      churn: { ...DEFAULT_DEFINITIONS.churn, pauseLimitMs: 5 },
    };
    const steps = [{ at: 0 }, { at: 10, ...paused }, { at: 14 }, { at: 20, ...paused }];
    const state = stateOf([history('a', ...steps)], definitions);
    expect(state.active).toEqual([{ from: 0, to: 25 }]);
  });

  test('through a pause of one subscription that outlasts another one', () => {
    const definitions = {
      ...DEFAULT_DEFINITIONS,
      churn: { ...DEFAULT_DEFINITIONS.churn, pauseLimitMs: 5 },
    };
    const state = stateOf(
      [
        history('a', { at: 0 }, { at: 10, ...paused }, { at: 12, ...paused }),
        history('b', { at: 0 }, { at: 13, ...ended }),
      ],
      definitions,
    );
    expect(state.active).toEqual([{ from: 0, to: 15 }]);
  });

  test('until the end of a subscription that was paused, and not in a trial that is updated to 0', () => {
    const definitions = {
      ...DEFAULT_DEFINITIONS,
      churn: { ...DEFAULT_DEFINITIONS.churn, pauseLimitMs: 5 },
    };
    const state = stateOf(
      [
        history('a', { at: 0 }, { at: 10, ...paused }, { at: 11, ...paused }, { at: 13, ...ended }),
        history('b', { at: 20, mrrMinor: 0 }, { at: 21, ...paused }),
      ],
      definitions,
    );
    expect(state.active).toEqual([{ from: 0, to: 13 }]);
  });

  test('not through an end, whatever the limit of a pause', () => {
    const definitions = {
      ...DEFAULT_DEFINITIONS,
      churn: { ...DEFAULT_DEFINITIONS.churn, pauseLimitMs: 5 },
    };
    const state = stateOf([history('a', { at: 0 }, { at: 10, ...ended }, { at: 12 })], definitions);
    expect(state.active).toEqual([
      { from: 0, to: 10 },
      { from: 12, to: Infinity },
    ]);
  });
});

describe('the plan is that of the subscription', () => {
  test('open for longest, and the next one when it ends', () => {
    const state = stateOf([
      history('a', { at: 5, plan: 'pro' }, { at: 20, ...ended }),
      history('b', { at: 6, plan: 'team' }),
    ]);
    expect([4, 5, 19, 20].map((at) => pieceAt(state, at).plan)).toEqual([
      '(none)',
      'pro',
      'pro',
      'team',
    ]);
  });

  test('with the lower id when two opened together', () => {
    const state = stateOf([
      history('b', { at: 5, plan: 'team' }),
      history('a', { at: 5, plan: 'pro' }),
    ]);
    expect(pieceAt(state, 5).plan).toBe('pro');
  });

  test('that was ended and started in one millisecond: it was open all the time', () => {
    const state = stateOf([
      history('b', { at: 0, plan: 'team' }, { at: 9, ...ended }, { at: 9, plan: 'free' }),
      history('a', { at: 5, plan: 'pro' }),
    ]);
    expect(pieceAt(state, 9).plan).toBe('free');
    expect(state.active).toEqual([{ from: 0, to: Infinity }]);
  });
});

test('revenue is summed by currency over the open subscriptions', () => {
  const state = stateOf([
    history('a', { at: 0, mrrMinor: 5 }),
    history('b', { at: 0, mrrMinor: 7 }),
    history('c', { at: 0, mrrMinor: 9, currency: 'USD' }),
    history('d', { at: 0, mrrMinor: 11 }, { at: 1, ...ended }),
  ]);
  expect(Object.fromEntries(pieceAt(state, 1).mrr)).toEqual({ EUR: 12, USD: 9 });
});

test('the last statement about an internal account holds; completions train from the first on', () => {
  const origin = { sourceVersion: 0, receivedAt: 0, offset: 0 };
  const said = [true, false].map((isInternal, at): Fact => ({
    ...origin,
    key: `k${at}`,
    eventId: `k${at}`,
    at,
    kind: 'account',
    isInternal,
    domain: null,
    imported: null,
    channel: null,
  }));
  const facts = { account: said, subscriptions: new Map(), trainings: [7, 3, Infinity] };
  const state = accountState(facts, DEFAULT_DEFINITIONS);
  expect(state.isInternal).toBe(false);
  expect(state.trainedAt).toBe(3);
});
