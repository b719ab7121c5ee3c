import { expect, test } from 'vitest';

import { DEFAULT_DEFINITIONS } from './definitions.ts';
import { factsOf, isCounted } from './event-facts.ts';
import { EVENT_TYPES, type EventType } from './event-types.gen.ts';
import { type KpiEvent } from './events.gen.ts';

/** An event with some text in every property. */
function filled(eventType: EventType, retracts: string | null): KpiEvent {
  const stated: Record<string | symbol, unknown> = { event_type: eventType, retracts };
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

test('of an action with a version the key is remembered, whatever it says', () => {
  const facts = factsOf(action({ action: 'open', source_version: 1 }), 0, DEFAULT_DEFINITIONS);
  expect(facts.map(({ fact }) => fact.kind)).toEqual(['void']);
});
