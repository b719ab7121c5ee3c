import { EVENT_TYPES, Fault, type EventType } from '@kpi/core';

import { type SchemaRegistry } from './registry.ts';
import { EVENT_SCHEMAS } from './schemas.gen.ts';
import { type Topics } from './topics.ts';

/** Registry id of the latest schema of every event type. */
export type SchemaIds = ReadonlyMap<EventType, number>;

/** Event types registered at the same time: a start takes a second, and the registry is not flooded. */
const REGISTRATIONS_AT_ONCE = 6;

/** Subject of an event type: TopicRecordNameStrategy, so that one topic carries several types. */
export function subjectOf(topics: Topics, eventType: EventType): string {
  return `${topics.of(eventType)}-kpi.${eventType}`;
}

/**
 * Make the registry know every version of every schema, under compatibility BACKWARD, and answer the ids to write with.
 * Safe when several processes start at once. A Fault `schema_incompatible` stops the start.
 */
export async function registerSchemas(
  registry: SchemaRegistry,
  topics: Topics,
): Promise<SchemaIds> {
  const ids = new Map<EventType, number>();
  const waiting = [...EVENT_TYPES];
  const work = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const subject = subjectOf(topics, next);
      ids.set(next, await registerVersions(registry, subject, EVENT_SCHEMAS[next]));
    }
  };
  await Promise.all(Array.from({ length: REGISTRATIONS_AT_ONCE }, work));
  return ids;
}

/** Registers what is missing, oldest first, and answers the id of the newest. */
export async function registerVersions(
  registry: SchemaRegistry,
  subject: string,
  versions: readonly string[],
): Promise<number> {
  const newest = versions.at(-1);
  if (newest === undefined) throw new Fault('schema_unknown', `${subject} has no schema`);
  const known = await registry.find(subject, newest);
  if (known !== undefined) return known;
  await registry.requireBackward(subject);
  let id = 0;
  for (const version of versions) id = await registry.register(subject, version);
  return id;
}
