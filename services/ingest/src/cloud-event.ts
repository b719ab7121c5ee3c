import { Fault } from '@kpi/core';
import { CloudEvent, HTTP, ValidationError } from 'cloudevents';

import { type Fields, invalid, isObject, pointer } from './json.ts';

type Headers = Readonly<Record<string, string | readonly string[] | undefined>>;

/** CloudEvents attributes (extensions included: lower case, no underscore) and the envelope fields they become. */
const ENVELOPE_FIELD: ReadonlyMap<string, string> = new Map([
  ['id', 'event_id'],
  ['type', 'event_type'],
  ['source', 'source'],
  ['time', 'occurred_at'],
  ['accountid', 'account_id'],
  ['userid', 'user_id'],
  ['anonymousid', 'anonymous_id'],
  ['tenantid', 'tenant_id'],
  ['retracts', 'retracts'],
  ['sourceversion', 'source_version'],
  ['sourceeventtype', 'source_event_type'],
  ['piiclass', 'pii_class'],
]);
const ATTRIBUTE_OF: ReadonlyMap<string, string> = new Map(
  [...ENVELOPE_FIELD].map(([attribute, field]) => [field, attribute]),
);
/** Attributes about the form of the message, which is gone once it is read. */
const FORM: ReadonlySet<string> = new Set([
  'specversion',
  'datacontenttype',
  'data',
  'data_base64',
]);
/** What the SDK would make up when it is absent: a random id or the present time would make two events of one. */
const REQUIRED = ['specversion', 'id', 'source', 'type', 'time'] as const;
/** `account/<id>` or `user/<id>`, read when no extension names either. */
const SUBJECT = /^(account|user)\/(.+)$/;

/** The canonical JSON of one element of a structured or batched CloudEvents message. */
export function readCloudEvent(element: unknown): Fields | Fault {
  if (!isObject(element)) return invalid('', 'must be a JSON object');
  return convert(element, () => new CloudEvent(element));
}

/** The canonical JSON of a CloudEvent whose attributes are `ce-` headers and whose data is the body. */
export function readBinaryCloudEvent(headers: Headers, body: string): Fields | Fault {
  const decoded = Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, decodeHeader(name, value)]),
  );
  const attributes = Object.fromEntries(
    Object.entries(decoded).flatMap(([name, value]) =>
      name.startsWith('ce-') ? [[name.slice('ce-'.length), value]] : [],
    ),
  );
  return convert(attributes, () => {
    const event = HTTP.toEvent({ headers: decoded, body });
    if (Array.isArray(event)) throw new TypeError('binary mode holds one event');
    return new CloudEvent(event);
  });
}

/** The same refusal at its place in the CloudEvent that was sent. */
export function atCloudEvent(fault: Fault): Fault {
  const [, first = '', ...rest] = fault.path?.split('/') ?? [];
  if (first === '') return fault;
  const attribute = first === 'properties' ? 'data' : (ATTRIBUTE_OF.get(first) ?? first);
  const path = ['', attribute, ...rest].join('/');
  return new Fault(fault.code, fault.detail, { path });
}

function convert(sent: Fields, build: () => CloudEvent<unknown>): Fields | Fault {
  const missing = REQUIRED.find((name) => sent[name] === undefined || sent[name] === '');
  if (missing !== undefined) return invalid(pointer(missing), 'is missing');
  if (sent['specversion'] !== '1.0') {
    return invalid('/specversion', 'must be 1.0');
  }
  try {
    return asCanonical(build(), sent);
  } catch (error) {
    return refuseBySdk(error);
  }
}

function asCanonical(event: CloudEvent<unknown>, sent: Fields): Fields {
  const fields: Record<string, unknown> = {};
  const attributes: Record<string, string> = {};
  for (const [name, value] of Object.entries(event)) {
    if (FORM.has(name) || value === undefined || value === null) continue;
    const field = ENVELOPE_FIELD.get(name);
    if (field !== undefined) fields[field] = value;
    else attributes[name] = typeof value === 'string' ? value : JSON.stringify(value);
  }
  return {
    ...subjectOf(event),
    ...fields,
    // The SDK replaces a time that it cannot read by the present.
    occurred_at: sent['time'],
    source_version: asNumber(fields['source_version']),
    properties: event.data ?? {},
    attributes,
  };
}

function subjectOf(event: CloudEvent<unknown>): Fields {
  const [, kind, id] = SUBJECT.exec(event.subject ?? '') ?? [];
  const isNamed = event['accountid'] !== undefined || event['userid'] !== undefined;
  return kind === undefined || isNamed ? {} : { [`${kind}_id`]: id };
}

/** In binary mode every attribute is text. */
function asNumber(value: unknown): unknown {
  return typeof value === 'string' && /^\d{1,15}$/.test(value) ? Number(value) : value;
}

/** HTTP binding 3.1.3.2: what a header cannot carry is percent-encoded. */
function decodeHeader(name: string, value: Headers[string]): string | undefined {
  const text = typeof value === 'string' ? value : value?.join(',');
  if (text === undefined || !name.startsWith('ce-')) return text;
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function refuseBySdk(error: unknown): Fault {
  if (error instanceof SyntaxError) {
    return invalid('/data', 'is not valid JSON');
  }
  if (!(error instanceof ValidationError || error instanceof TypeError)) throw error;
  const [first]: readonly unknown[] =
    error instanceof ValidationError && Array.isArray(error.errors) ? error.errors : [];
  const path =
    isObject(first) && typeof first['instancePath'] === 'string' ? first['instancePath'] : '';
  const reason =
    isObject(first) && typeof first['message'] === 'string' ? first['message'] : undefined;
  return invalid(path, reason ?? 'is not a valid CloudEvent');
}
