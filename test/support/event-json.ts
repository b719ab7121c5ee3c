import { type EventEnvelope, type KpiEvent } from '@kpi/core';

/** Envelope fields as `POST /v1/events` takes them; what ingest stamps itself is left out. */
const ENVELOPE_FIELDS = [
  'event_id',
  'event_type',
  'source',
  'source_version',
  'source_event_type',
  'account_id',
  'user_id',
  'anonymous_id',
  'external_ids',
  'retracts',
  'pii_class',
  'attributes',
] as const satisfies readonly (keyof EventEnvelope)[];

const STAMPED: ReadonlySet<string> = new Set([
  ...ENVELOPE_FIELDS,
  'occurred_at',
  'tenant_id',
  'schema_version',
  'received_at',
]);

/** Properties that are times: RFC 3339 in JSON, ms in an event. */
const TIME_PROPERTIES: ReadonlySet<string> = new Set([
  'cancel_at',
  'expires_at',
  'period_end',
  'period_start',
  'valid_from',
]);

/** The event as one element of the body of `POST /v1/events`: envelope fields and `properties`, times as RFC 3339. */
export function eventJson(event: KpiEvent): Readonly<Record<string, unknown>> {
  const envelope = ENVELOPE_FIELDS.map((name) => [name, event[name]] as const);
  const properties = Object.entries(event)
    .filter(([name, value]) => !STAMPED.has(name) && value !== null)
    .map(([name, value]) => [name, TIME_PROPERTIES.has(name) ? rfc3339(Number(value)) : value]);
  return {
    ...Object.fromEntries(envelope.filter(([, value]) => value !== null)),
    occurred_at: rfc3339(event.occurred_at),
    properties: Object.fromEntries(properties),
  };
}

function rfc3339(ms: number): string {
  return new Date(ms).toISOString();
}
