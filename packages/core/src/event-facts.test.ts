import { expect, test } from 'vitest';

import { isActivityCounted } from './action-facts.ts';
import { DEFAULT_DEFINITIONS } from './definitions.ts';
import { factsOf, isCounted } from './event-facts.ts';
import { isKind } from './fact.ts';
import { EVENT_TYPES, type EventType } from './event-types.gen.ts';
import { type KpiEvent } from './events.gen.ts';

/** An event with some text in every property. */
function filled(eventType: EventType, retracts: string | null): KpiEvent {
  const stated: Record<string | symbol, unknown> = {
    event_type: eventType,
    retracts,
    // Of updates only those that move a ticket say something.
    field: 'account_id',
  };
  const whole: unknown = new Proxy(stated, {
    get: (known, name) => (name in known ? known[name] : 'text'),
  });
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- every property can be read, which is all a fact needs
  return whole as KpiEvent;
}

test.each(EVENT_TYPES)('%s makes a fact exactly when it is said to be counted', (eventType) => {
  const facts = factsOf(filled(eventType, null), 0, DEFAULT_DEFINITIONS);
  expect(facts.length > 0).toBe(isCounted(eventType));
});

test('an event of any type takes another one back', () => {
  const event = filled('product.action_performed', 'e1');
  const facts = factsOf(event, 0, DEFAULT_DEFINITIONS);
  expect(facts.map(({ fact }) => fact.kind)).toEqual(['retraction']);
});

function action(fields: Partial<KpiEvent & { action: string; is_value_event: boolean }>): KpiEvent {
  const event = filled('product.action_performed', null);
  const plain = { occurred_at: 7_200_001, source_version: 0, is_value_event: false };
  return Object.assign(event, plain, fields);
}

test('of what is done in the product only value events and key actions say something, of a user without an account to the instant', () => {
  const saidBy = (fields: Parameters<typeof action>[0]) =>
    factsOf(action(fields), 0, DEFAULT_DEFINITIONS).map(({ fact }) => fact.kind);
  expect(saidBy({ action: 'open' })).toEqual([]);
  expect(saidBy({ action: 'open', is_value_event: true })).toEqual(['hours']);
  expect(saidBy({ action: 'invite_user' })).toEqual(['action']);
  expect(saidBy({ action: 'invite_user', is_value_event: true })).toEqual(['hours', 'action']);
  const unnamed = { action: 'invite_user', is_value_event: true, account_id: null };
  expect(saidBy(unnamed)).toEqual(['instants', 'instants']);
  expect(saidBy({ ...unnamed, user_id: null })).toEqual([]);
});

test('definitions may name the actions that are of value, whatever these say', () => {
  const definitions = { ...DEFAULT_DEFINITIONS, valueActions: ['export'] };
  const saidBy = (fields: Parameters<typeof action>[0]) =>
    factsOf(action(fields), 0, definitions).map(({ fact }) => fact.kind);
  expect(saidBy({ action: 'export' })).toEqual(['hours']);
  expect(saidBy({ action: 'open', is_value_event: true })).toEqual([]);
  expect(isActivityCounted({ action: 'export', isValueEvent: false }, definitions)).toBe(true);
  expect(isActivityCounted({ action: 'open', isValueEvent: true }, definitions)).toBe(false);
});

test('of an action with a version the key is remembered, whatever it says', () => {
  const facts = factsOf(action({ action: 'open', source_version: 1 }), 0, DEFAULT_DEFINITIONS);
  expect(facts.map(({ fact }) => fact.kind)).toEqual(['void']);
});

test('of updates of a ticket those say something that tell whose it was', () => {
  const update = {
    account_id: 'a',
    from: null,
    to: null,
    from_account_id: null,
    into_account_id: null,
    source_version: 0,
  };
  const saidBy = (fields: object) =>
    factsOf(
      Object.assign(filled('support.ticket_updated', null), update, fields),
      0,
      DEFAULT_DEFINITIONS,
    ).map(({ fact }) => (isKind(fact, 'attribution') ? `${fact.from}>${fact.to}` : fact.kind));
  expect(saidBy({ field: 'account_id', from: 'b', to: 'c' })).toEqual(['b>c']);
  expect(saidBy({ field: 'organization_id', to: 'c' })).toEqual(['a>c']);
  expect(saidBy({ field: 'organization_id' })).toEqual(['a>']);
  // It is of the account that it was moved to.
  expect(saidBy({ field: 'organization_id', to: 'a' })).toEqual([]);
  expect(saidBy({ field: 'account_id', account_id: null, to: 'c' })).toEqual([]);
  expect(saidBy({ field: 'account_id', from_account_id: 'd', into_account_id: 'e' })).toEqual([
    'd>e',
  ]);
  expect(saidBy({ field: 'requester_user_id', from: 'u', to: 'v' })).toEqual([]);
  expect(saidBy({ field: 'requester_user_id', from_account_id: 'd' })).toEqual(['d>']);
  expect(saidBy({ field: 'priority', from: 'b', to: 'c' })).toEqual([]);
  // The version before may have moved it.
  expect(saidBy({ field: 'priority', source_version: 1 })).toEqual(['void']);
});

test('who cancels is lost at once or when the paid term ends, as a tenant defines it', () => {
  const churn = { ...DEFAULT_DEFINITIONS.churn, recognition: 'cancellation' } as const;
  const stepsOf = (eventType: EventType, cancelAt: number | null) =>
    [DEFAULT_DEFINITIONS, { ...DEFAULT_DEFINITIONS, churn }].map((definitions) => {
      const event = Object.assign(filled(eventType, null), { cancel_at: cancelAt });
      const [said] = factsOf(event, 0, definitions);
      return said !== undefined && isKind(said.fact, 'subscription') ? said.fact.step : undefined;
    });
  expect(stepsOf('billing.subscription_updated', 1)).toEqual(['updated', 'ended']);
  expect(stepsOf('billing.subscription_updated', null)).toEqual(['updated', 'updated']);
  // A term that was agreed on at the beginning is nobody's wish to leave.
  expect(stepsOf('billing.subscription_started', 1)).toEqual(['started', 'started']);
});
