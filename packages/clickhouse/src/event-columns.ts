import { type KpiEvent } from '@kpi/core';

/** A record as it is kept: the event and where it lies in Kafka. `received_at` must be filled in. */
export interface EventRow {
  readonly event: KpiEvent;
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
}

/** Columns of `events` that every event fills. */
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

/** Columns of type DateTime64; events carry them as ms. */
const TIME_COLUMNS: ReadonlySet<string> = new Set([
  'cancel_at',
  'expires_at',
  'occurred_at',
  'period_end',
  'period_start',
  'received_at',
  'valid_from',
]);

/** Columns in a sorting key, which may not be null: empty when the event names none. */
const KEY_COLUMNS: ReadonlySet<string> = new Set(['account_id', 'user_id']);

/** How a column is written. Texts are what most columns are. */
export type ColumnKind = 'text' | 'time' | 'int64' | 'int32' | 'uint32' | 'float' | 'bool' | 'map';

const KINDS: Readonly<Record<Exclude<ColumnKind, 'text' | 'time'>, readonly string[]>> = {
  int64: [
    'amount_minor',
    'amount_net_minor',
    'attempt',
    'mrr_minor',
    'price_minor',
    'purchase_count',
    'quantity',
    'source_version',
    'tax_minor',
    '_offset',
  ],
  int32: ['scale_max', 'scale_min', 'score'],
  uint32: ['schema_version', '_partition'],
  float: ['progress', 'score_scaled'],
  bool: [
    'imported',
    'is_customer_initiated',
    'is_internal',
    'is_support',
    'is_value_event',
    'manual',
    'passed',
    'success',
  ],
  map: ['attributes', 'external_ids'],
};

const KIND_OF: ReadonlyMap<string, ColumnKind> = new Map([
  ...(['int64', 'int32', 'uint32', 'float', 'bool', 'map'] as const).flatMap((kind) =>
    KINDS[kind].map((name) => [name, kind] as const),
  ),
  ...[...TIME_COLUMNS].map((name) => [name, 'time'] as const),
]);

export function columnKindOf(name: string): ColumnKind {
  return KIND_OF.get(name) ?? 'text';
}

const NOT_NULL: ReadonlySet<string> = new Set([
  'event_id',
  'event_type',
  'schema_version',
  'source',
  'source_version',
  'occurred_at',
  'received_at',
  'tenant_id',
  'external_ids',
  'pii_class',
  'attributes',
  ...PLACE_COLUMNS,
  ...KEY_COLUMNS,
]);

export function isNullableColumn(name: string): boolean {
  return !NOT_NULL.has(name);
}
