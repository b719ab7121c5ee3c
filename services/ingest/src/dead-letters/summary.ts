import { type DeadLetter } from '@kpi/kafka';

/** One letter as lists show it: nothing that the event said but names that cannot be a person's. */
export interface LetterSummary {
  readonly id: string;
  readonly reason: string;
  readonly path: string | null;
  readonly origin: DeadLetter['origin'];
  readonly source: string | null;
  readonly event_type: string | null;
  readonly refused_at: string;
  /** Replays that failed. */
  readonly attempts: number;
  readonly last_attempt_at: string | null;
}

/** One letter in whole. */
export interface WholeLetter extends LetterSummary {
  readonly message: string;
  readonly event_id: string | null;
  readonly tenant_id: string | null;
  readonly content_type: string;
  /** The bytes as they came, in base64. */
  readonly body: string;
  /** The same as text; null when they are none. */
  readonly text: string | null;
  readonly hint: string;
}

/** Sources, types and fields are names; whatever else stands in their place may be anything, an address too. */
const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/;
const PATH = /^(\/[A-Za-z0-9._-]{1,62})*$/;
const TEXT_TYPES = /json|text/;

export function summarise(letter: DeadLetter): LetterSummary {
  const { id, reason, path, origin, source, event_type: type, attempts } = letter;
  return {
    id,
    reason,
    path: path === null || PATH.test(path) ? path : '…',
    origin,
    source: nameOrNothing(source),
    event_type: nameOrNothing(type),
    refused_at: new Date(letter.refused_at).toISOString(),
    attempts,
    last_attempt_at:
      letter.last_attempt_at === null ? null : new Date(letter.last_attempt_at).toISOString(),
  };
}

export function showWhole(letter: DeadLetter): WholeLetter {
  const { path, message, source, event_type, event_id, tenant_id, content_type, body } = letter;
  const isText = TEXT_TYPES.test(content_type);
  return {
    ...summarise(letter),
    path,
    source,
    event_type,
    message,
    event_id,
    tenant_id,
    content_type,
    body,
    text: isText ? Buffer.from(body, 'base64').toString() : null,
    hint: hintFor(letter),
  };
}

/** What must happen before a replay can go through. */
function hintFor({ reason, path, content_type: type }: DeadLetter): string {
  const isAvro = !TEXT_TYPES.test(type);
  if (isAvro) return HINTS_OF_RECORDS[reason] ?? REPLACE;
  const field = path === null || path === '' ? 'FIELD' : path.slice(1).replaceAll('/', '.');
  return HINTS_OF_EVENTS[reason] ?? `correct it: replay with --set ${field}=VALUE, or --map FILE`;
}

const REPLACE =
  'its bytes cannot be read: replay with --event FILE, an event in its place, or drop it';

const HINTS_OF_RECORDS: Readonly<Record<string, string>> = {
  schema_unknown: 'register the schema it was written with, then replay it as it is',
  schema_incompatible:
    'update KPI Stream to a version that knows its schema, then replay it as it is; or replay with --event FILE',
};

const HINTS_OF_EVENTS: Readonly<Record<string, string>> = {
  body_invalid: 'the body was no JSON: replay with --event FILE, the corrected event, or drop it',
  event_type_unknown:
    'replay with --set event_type=TYPE, with --map FILE, or as it is once KPI Stream knows the type',
  occurred_in_future: 'replay it as it is once that time has come, or with --set occurred_at=TIME',
  schema_unknown: 'replay it as it is after an update, or with --set schema_version=NUMBER',
};

function nameOrNothing(text: string | null): string | null {
  return text !== null && NAME.test(text) ? text : null;
}
