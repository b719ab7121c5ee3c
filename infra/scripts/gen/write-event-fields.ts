import { type Field } from './avro.ts';
import { HEADER, quote } from './names.ts';
import { type Vocabulary } from './vocabulary.ts';

/** Fields of each type that a declared KPI can read, with what they hold: texts, booleans and whole numbers, but no times. */
export function writeEventFields({ events }: Vocabulary): string {
  const tables = events.map(({ eventType, properties }) => {
    const fields = properties.flatMap((field) => {
      const kind = kindOf(field);
      return kind === undefined ? [] : [`${field.name}: ${quote(kind)}`];
    });
    const oneLine = `  ${quote(eventType)}: { ${fields.join(', ')} },\n`;
    if (fields.length === 0) return `  ${quote(eventType)}: {},\n`;
    return oneLine.length <= LINE_MAX
      ? oneLine
      : `  ${quote(eventType)}: {\n${fields.map((field) => `    ${field},\n`).join('')}  },\n`;
  });
  return `${HEADER}
import type { EventType } from './event-types.gen.ts';

/** What a field holds. Money is whole minor units of the event's currency; an id is one of very many. */
export type EventFieldKind = 'text' | 'id' | 'boolean' | 'integer' | 'money';

/** Fields of the event types beside the envelope that a declared KPI can read. */
export const EVENT_FIELDS: Readonly<Record<EventType, Readonly<Record<string, EventFieldKind>>>> = {
${tables.join('')}};
`;
}

/** A line with its break. */
const LINE_MAX = 101;

function kindOf({ name, type, format }: Field): string | undefined {
  switch (type.kind) {
    case 'boolean':
      return 'boolean';
    case 'integer':
      if (format === 'money' || format === 'balance') return 'money';
      return format === 'time' ? undefined : 'integer';
    case 'string':
    case 'enum':
      return MANY.has(name) ? 'id' : 'text';
    case 'number':
    case 'texts':
      return undefined;
  }
}

/** Names and ids of which there are as many as customers or events: no number is split by them. */
const MANY: ReadonlySet<string> = new Set([
  'account_name',
  'certificate_id',
  'domain',
  'enrolment_id',
  'from',
  'from_account_id',
  'from_user_id',
  'incident_id',
  'instance_id',
  'into_account_id',
  'into_user_id',
  'invitee_domain',
  'invitee_hash',
  'invoice_id',
  'merged_into',
  'referral_id',
  'referred_account_id',
  'requester_user_id',
  'spend_id',
  'subject_id',
  'subscription_id',
  'ticket_id',
  'to',
]);
