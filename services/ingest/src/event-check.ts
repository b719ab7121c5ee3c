import {
  EVENT_SUBJECTS,
  EVENT_TYPES,
  type EventType,
  Fault,
  type KpiEvent,
  SCHEMA_VERSIONS,
} from '@kpi/core';
import {
  isEventType,
  namesRequester,
  parseEnvelope,
  parseProperties,
  propertyNames,
  type SentEnvelope,
} from '@kpi/kafka';

import { type ExtraFields, collectAttributes } from './attributes.ts';
import { deriveEventId } from './event-id.ts';
import { type Fields, invalid, isObject, pointer } from './json.ts';
import { type HashMail, mapWithoutMail } from './mail-hash.ts';

/** What checking needs besides the event. */
export interface CheckContext {
  readonly tenantId: string;
  /** Moment of arrival, ms: the `received_at` of every event of the request. */
  readonly now: number;
  readonly futureMsMax: number;
  readonly hashMail: HashMail;
}

/** Fields that ingest sets itself; a client may send them, so that an event read back can be sent again. */
type StampedField = 'event_type' | 'properties' | 'tenant_id' | 'schema_version' | 'received_at';

const ENVELOPE: Readonly<Record<keyof SentEnvelope | StampedField, true>> = {
  event_id: true,
  event_type: true,
  schema_version: true,
  source: true,
  source_event_type: true,
  source_version: true,
  occurred_at: true,
  received_at: true,
  tenant_id: true,
  account_id: true,
  user_id: true,
  anonymous_id: true,
  external_ids: true,
  retracts: true,
  pii_class: true,
  attributes: true,
  properties: true,
};

const PROPERTY_NAMES: ReadonlyMap<EventType, ReadonlySet<string>> = new Map(
  EVENT_TYPES.map((type) => [type, propertyNames(type)]),
);

const NO_ATTRIBUTES: Fields = {};

/** Stands in for an id that is derived once the rest of the envelope is known to be valid. */
const NO_ID = 'none';

/**
 * Turn one JSON object into an event, or say what is wrong with it. Whether an event is accepted depends on the event,
 * the tenant and the clock only, never on other events, so sending it again gives the same answer. An account that must
 * be looked up is still null.
 */
export function checkEvent(input: Fields, context: CheckContext): KpiEvent | Fault {
  const { event_type: type, properties = {} } = input;
  if (type === undefined) return invalid('/event_type', 'is missing');
  if (typeof type !== 'string' || !isEventType(type)) {
    return new Fault('event_type_unknown', 'is not a known event type', { path: '/event_type' });
  }
  if (!isObject(properties)) return invalid('/properties', 'must be a JSON object');
  const envelope = checkEnvelope(input, { type, properties, context });
  if (envelope instanceof Fault) return envelope;
  const typed = parseProperties(type, properties);
  if (typed instanceof Fault) return typed;
  const stamped = {
    ...envelope,
    event_id: hasId(input) ? envelope.event_id : derivedId(envelope, type, properties),
    event_type: type,
    tenant_id: context.tenantId,
    schema_version: SCHEMA_VERSIONS[type],
    received_at: context.now,
    external_ids: mapWithoutMail(envelope.external_ids, context.hashMail),
  };
  // Not a second spread: that is by far the slowest line of this file.
  const event = Object.assign(stamped, typed);
  // oxlint-disable-next-line no-unsafe-type-assertion -- the validators and the type are generated from the same schemas
  return withRequester(event as KpiEvent);
}

/** A ticket that names no other user is its requester's, who names a user, too (KPI_SPEC 7.7.8). */
function withRequester(event: KpiEvent): KpiEvent {
  if (event.event_type !== 'support.ticket_created' || event.user_id !== null) return event;
  return Object.assign(event, { user_id: event.requester_user_id });
}

function hasId({ event_id: id }: Fields): boolean {
  return id !== undefined && id !== null;
}

interface Draft {
  readonly type: EventType;
  readonly properties: Fields;
  readonly context: CheckContext;
}

function checkEnvelope(input: Fields, draft: Draft): SentEnvelope | Fault {
  for (const name in input) {
    if (Object.hasOwn(ENVELOPE, name)) continue;
    const detail = 'is not a field of the envelope; fields of a source belong into properties';
    return invalid(pointer(name), detail);
  }
  const attributes = attributesOf(input, draft);
  if (attributes instanceof Fault) return attributes;
  const isComplete = hasId(input) && attributes === input['attributes'];
  const envelope = parseEnvelope(
    isComplete ? input : { ...input, event_id: input['event_id'] ?? NO_ID, attributes },
  );
  if (envelope instanceof Fault) return atProperty(envelope, input);
  return (
    checkStamps(input, draft) ??
    checkTime(envelope.occurred_at, draft.context) ??
    checkSubject(envelope, draft) ??
    envelope
  );
}

/** The same value as sent, undefined included, when nothing has to be added or hashed. */
function attributesOf(input: Fields, { type, properties, context }: Draft): unknown {
  const { attributes = NO_ATTRIBUTES } = input;
  const extras = extrasOf(type, properties);
  if (extras.length === 0 && (attributes === NO_ATTRIBUTES || isEmpty(attributes)))
    return input['attributes'];
  return isObject(attributes)
    ? collectAttributes({ attributes, extras, hashMail: context.hashMail })
    : attributes;
}

function isEmpty(value: unknown): boolean {
  if (!isObject(value)) return false;
  for (const _ in value) return false;
  return true;
}

/** What of the properties the type of the event does not have. */
function extrasOf(type: EventType, properties: Fields): ExtraFields['extras'] {
  const typed = PROPERTY_NAMES.get(type);
  const extras: (readonly [name: string, value: unknown])[] = [];
  for (const name in properties) {
    const value = properties[name];
    if (typed?.has(name) === false && value !== null) extras.push([name, value]);
  }
  return extras;
}

/** An attribute that came from a property is refused where the client wrote it. */
function atProperty(fault: Fault, { attributes }: Fields): Fault {
  const [, field, name] = fault.path?.split('/') ?? [];
  if (field !== 'attributes' || name === undefined) return fault;
  if (isObject(attributes) && Object.hasOwn(attributes, name)) return fault;
  return new Fault(fault.code, fault.detail, { path: pointer('properties', name) });
}

/** Tenant and version are ours to set; naming others is a mistake that must not pass. */
function checkStamps(input: Fields, { type, context }: Draft): Fault | undefined {
  const { tenant_id: tenant, schema_version: version } = input;
  if (tenant !== undefined && tenant !== context.tenantId) {
    return invalid('/tenant_id', 'is not the tenant of the request');
  }
  const latest = SCHEMA_VERSIONS[type];
  const isKnown = typeof version === 'number' && version >= 1 && version <= latest;
  if (version === undefined || isKnown) return undefined;
  return new Fault('schema_unknown', `must be 1 to ${latest}`, { path: '/schema_version' });
}

function checkTime(occurredAt: number, { now, futureMsMax }: CheckContext): Fault | undefined {
  if (occurredAt <= now + futureMsMax) return undefined;
  const detail = `lies more than ${Math.round(futureMsMax / 1_000)} s in the future`;
  return new Fault('occurred_in_future', detail, { path: '/occurred_at' });
}

const REQUIRED_IDS = {
  none: [],
  account: ['account_id'],
  user: ['user_id'],
  account_and_user: ['account_id', 'user_id'],
} as const;

/** KPI_SPEC 7.1.8. The envelope itself must name them: a look-up may answer differently tomorrow. */
function checkSubject(
  envelope: SentEnvelope,
  { type, properties }: Pick<Draft, 'type' | 'properties'>,
): Fault | undefined {
  const subject = EVENT_SUBJECTS[type];
  if (subject === 'account_or_user') {
    const isNamed = envelope.account_id !== null || envelope.user_id !== null;
    return isNamed || namesRequester(type, properties)
      ? undefined
      : subjectMissing(type, '/account_id', 'account_id or user_id');
  }
  const missing = REQUIRED_IDS[subject].find((name) => envelope[name] === null);
  return missing === undefined ? undefined : subjectMissing(type, `/${missing}`, missing);
}

function subjectMissing(type: EventType, path: string, names: string): Fault {
  return new Fault('subject_missing', `${type} must name ${names}`, { path });
}

function derivedId(envelope: SentEnvelope, type: EventType, properties: Fields): string {
  const { source, occurred_at, account_id, user_id, anonymous_id, retracts } = envelope;
  return deriveEventId({
    source,
    event_type: type,
    occurred_at,
    account_id,
    user_id,
    anonymous_id,
    retracts,
    properties,
  });
}
