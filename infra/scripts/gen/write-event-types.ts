import { SUBJECTS } from './avro.ts';
import { HEADER, quote } from './names.ts';
import { type Vocabulary } from './vocabulary.ts';

/** The names of all events and what is known of them without looking at one. */
export function writeEventTypes({ events }: Vocabulary): string {
  const table = (value: (index: number) => string): string =>
    events.map(({ eventType }, index) => `  ${quote(eventType)}: ${value(index)},\n`).join('');
  return `${HEADER}
/** Every event type, in the order of their names. */
export const EVENT_TYPES = [
${events.map(({ eventType }) => `  ${quote(eventType)},\n`).join('')}] as const;

export type EventType = (typeof EVENT_TYPES)[number];

/** Whom an event must name in its envelope (KPI_SPEC 7.1.8). */
export type EventSubject = ${SUBJECTS.map(quote).join(' | ')};

export const EVENT_SUBJECTS: Readonly<Record<EventType, EventSubject>> = {
${table((index) => quote(events[index]?.latest.subject ?? ''))}};

/** Latest schema version of every type: the \`schema_version\` of what is written now. */
export const SCHEMA_VERSIONS: Readonly<Record<EventType, number>> = {
${table((index) => String(events[index]?.versions.length))}};
`;
}
