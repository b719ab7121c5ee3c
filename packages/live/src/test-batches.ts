import { type KpiEvent, PART } from '@kpi/core';

import { type PlacedEvent } from './batch-plan.ts';
import { type DecodedBatch } from './partition-worker.ts';

/** The home of all events of these tests. */
export const HOME = `acme${PART}a1`;

export const ENVELOPE = {
  tenant_id: 'acme',
  account_id: 'a1',
  user_id: 'u1',
  source: 'test',
  source_version: 0,
  schema_version: 1,
  retracts: null,
  occurred_at: 1_700_000_000_000,
  received_at: 0,
  source_event_type: null,
  anonymous_id: null,
  pii_class: 'none',
  external_ids: {},
  attributes: {},
} as const;

/** A value event. */
export function action(name: string, event_id: string, given: Partial<KpiEvent> = {}): KpiEvent {
  const { retracts = null, occurred_at = ENVELOPE.occurred_at } = given;
  return {
    ...ENVELOPE,
    event_id,
    event_type: 'product.action_performed',
    retracts,
    occurred_at,
    action: name,
    feature: null,
    is_value_event: true,
  };
}

export function placed(event: KpiEvent, offset: number): PlacedEvent {
  return { key: Buffer.from(HOME), offset, event };
}

/** A batch of one event. */
export function batchOf(topic: string, event: PlacedEvent): DecodedBatch {
  const counts = { events: [event], records: 1, refused: 0, sources: new Map() };
  return { topic, next: event.offset + 1, ...counts };
}
