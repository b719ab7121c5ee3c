import { expect, test } from 'vitest';

import { factOf, isCounted } from './event-facts.ts';
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
  expect(factOf(filled(eventType, null), 0) !== undefined).toBe(isCounted(eventType));
});

test('an event of any type takes another one back', () => {
  expect(factOf(filled('product.action_performed', 'e1'), 0)?.fact.kind).toBe('retraction');
});
