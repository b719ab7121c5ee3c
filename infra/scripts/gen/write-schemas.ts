import { HEADER, quote } from './names.ts';
import { type Vocabulary } from './vocabulary.ts';

/** The Avro schemas as the program carries them. */
export function writeSchemas({ events }: Vocabulary): string {
  const entries = events.map(({ eventType, versions }) => {
    const texts = versions.map(({ text }) => `    ${quote(text)},\n`).join('');
    return `  ${quote(eventType)}: [\n${texts}  ],\n`;
  });
  return `${HEADER}
import type { EventType } from '@kpi/core';

/** Avro schemas of every event type, oldest version first, as the registry is given them. */
export const EVENT_SCHEMAS: Readonly<Record<EventType, readonly string[]>> = {
${entries.join('')}};
`;
}
