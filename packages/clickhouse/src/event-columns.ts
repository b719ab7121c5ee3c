import { type KpiEvent } from '@kpi/core';

/** A record as it is kept: the event and where it lies in Kafka. `received_at` must be filled in. */
export interface EventRow {
  readonly event: KpiEvent;
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
}

/** Columns of `events` that every row fills, in the order of an insert. */
export const ENVELOPE_COLUMNS = [
  'event_id',
  'event_type',
  'schema_version',
  'source',
  'source_event_type',
  'source_version',
  'occurred_at',
  'received_at',
  'tenant_id',
  'account_id',
  'user_id',
  'anonymous_id',
  'external_ids',
  'retracts',
  'pii_class',
  'attributes',
] as const;

/** Where the record lies; filled from the row, not from the event. */
export const PLACE_COLUMNS = ['_topic', '_partition', '_offset'] as const;

const ENVELOPE: ReadonlySet<string> = new Set(ENVELOPE_COLUMNS);

/** Columns of type DateTime64; events carry them as ms. */
export const TIME_COLUMNS: ReadonlySet<string> = new Set([
  'cancel_at',
  'expires_at',
  'occurred_at',
  'period_end',
  'period_start',
  'received_at',
  'valid_from',
]);

/** Columns in a sorting key, which may not be null: empty when the event names none. */
export const KEY_COLUMNS: ReadonlySet<string> = new Set(['account_id', 'user_id']);

/** The properties of an event type, sorted: each has a column of its name. */
export function propertiesOf(event: KpiEvent): readonly string[] {
  return Object.keys(event)
    .filter((name) => !ENVELOPE.has(name))
    .toSorted();
}
