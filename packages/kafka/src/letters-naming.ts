import { type Subject } from '@kpi/core';

import { AVRO_CONTENT_TYPE, type DeadLetter } from './dead-letters.ts';

/** Names under which sources state an account or a user, without case and signs; `from` and `to` of a field that changed may be either. */
const FIELDS: Readonly<Record<Subject['kind'], ReadonlySet<string>>> = {
  account: new Set([
    'accountid',
    'fromaccountid',
    'intoaccountid',
    'referredaccountid',
    'groupid',
    'companyid',
    'organizationid',
    'from',
    'to',
    'subject',
  ]),
  user: new Set([
    'userid',
    'requesteruserid',
    'requesterid',
    'fromuserid',
    'intouserid',
    'previousid',
    'from',
    'to',
    'subject',
  ]),
};

/**
 * Whether a refused event names a subject. Of what can be taken apart fields of that kind count, wherever they stand; of what
 * cannot, any mention of the id does: better one broken letter too many is dropped than a person kept.
 */
export function namesSubject(letter: DeadLetter, subject: Subject): boolean {
  const body = Buffer.from(letter.body, 'base64');
  if (letter.content_type === AVRO_CONTENT_TYPE) return body.includes(avroText(subject.id));
  const text = body.toString();
  try {
    return statesSubject(JSON.parse(text), subject);
  } catch {
    return mentions(body, subject);
  }
}

function statesSubject(value: unknown, subject: Subject): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return Object.entries(value).some(
    ([name, field]) =>
      (FIELDS[subject.kind].has(nameOf(name)) && isId(field, subject)) ||
      statesSubject(field, subject),
  );
}

function nameOf(name: string): string {
  return name.toLowerCase().replaceAll(/[^a-z]/g, '');
}

/** CloudEvents say `account/<id>` and `user/<id>`. */
function isId(field: unknown, { kind, id }: Subject): boolean {
  const text = typeof field === 'number' ? String(field) : field;
  return text === id || text === `${kind}/${id}`;
}

/** A text as Avro writes it: its length as a zigzag varint, then its bytes. */
function avroText(text: string): Buffer {
  const bytes = Buffer.from(text);
  const length: number[] = [];
  let left = 2 * bytes.length;
  for (; left >= 0x80; left = Math.floor(left / 0x80)) length.push((left % 0x80) + 0x80);
  return Buffer.concat([Buffer.from([...length, left]), bytes]);
}

/** The id, and neither a letter nor a digit beside it. */
function mentions(body: Buffer, { id }: Subject): boolean {
  const wanted = Buffer.from(id);
  for (let at = body.indexOf(wanted); at !== -1; at = body.indexOf(wanted, at + 1)) {
    if (!isWordByte(body[at - 1]) && !isWordByte(body[at + wanted.length])) return true;
  }
  return false;
}

function isWordByte(byte: number | undefined): boolean {
  return byte !== undefined && /\w/.test(String.fromCodePoint(byte));
}
