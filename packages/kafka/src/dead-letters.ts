import { createHash } from 'node:crypto';

import { type Fault } from '@kpi/core';
import { z } from 'zod';

import { type EventProducer } from './event-producer.ts';

const ORIGIN = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('http') }),
  z.object({ kind: z.literal('import') }),
  z.object({
    kind: z.literal('topic'),
    topic: z.string(),
    partition: z.int(),
    offset: z.int(),
  }),
]);

const DEAD_LETTER = z.object({
  id: z.string(),
  reason: z.string(),
  message: z.string(),
  path: z.string().nullable(),
  origin: ORIGIN,
  source: z.string().nullable(),
  event_id: z.string().nullable(),
  tenant_id: z.string().nullable(),
  refused_at: z.int(),
  content_type: z.string(),
  body: z.base64(),
  /** Letters of earlier versions say neither. */
  event_type: z.string().nullable().default(null),
  attempts: z.int().default(0),
  last_attempt_at: z.int().nullable().default(null),
});

/** Where a refused event came from. */
export type Origin = z.output<typeof ORIGIN>;

/**
 * A refused event, kept whole: JSON in the dead-letter topic. `reason` is a fault code, `body` the raw bytes in base64,
 * `attempts` the replays that failed.
 */
export type DeadLetter = Readonly<z.output<typeof DEAD_LETTER>>;

/** Why an event was refused. */
export type Refusal = Pick<DeadLetter, 'reason' | 'message' | 'path'>;

/** What is known of an event that is refused. */
export interface Refused {
  readonly fault: Fault;
  readonly origin: Origin;
  readonly body: Uint8Array;
  /** `application/json`, `application/vnd.kpi.avro` (Confluent's wire format), `text/csv`. */
  readonly contentType: string;
  readonly source: string | null;
  readonly eventId: string | null;
  readonly eventType?: string | null;
  readonly tenantId: string | null;
  readonly refusedAtMs: number;
}

export const AVRO_CONTENT_TYPE = 'application/vnd.kpi.avro';

/** The dead letter of a refused event. The same bytes from the same place have the same id, however often they are refused. */
export function deadLetterOf(refused: Refused): DeadLetter {
  const { fault, origin, body } = refused;
  return {
    id: idOf(refused),
    reason: fault.code,
    message: fault.detail,
    path: fault.path ?? null,
    origin,
    source: refused.source,
    event_id: refused.eventId,
    tenant_id: refused.tenantId,
    refused_at: refused.refusedAtMs,
    content_type: refused.contentType,
    body: Buffer.from(body).toString('base64'),
    event_type: refused.eventType ?? null,
    attempts: 0,
    last_attempt_at: null,
  };
}

/** The same letter after a replay that failed: under its id, with the new reason. */
export function refusedAgain(letter: DeadLetter, refusal: Refusal, nowMs: number): DeadLetter {
  const { reason, message, path } = refusal;
  return {
    ...letter,
    reason,
    message,
    path,
    attempts: letter.attempts + 1,
    last_attempt_at: nowMs,
  };
}

function idOf({ origin, body, tenantId }: Refused): string {
  const place =
    origin.kind === 'topic'
      ? ['topic', origin.topic, String(origin.partition), String(origin.offset)]
      : [origin.kind, tenantId ?? ''];
  const hash = createHash('sha256').update(place.join('\u001f')).update('\u001f').update(body);
  return hash.digest('hex').slice(0, 32);
}

/** The dead letter in a record of the dead-letter topic; undefined when it is none. */
export function parseDeadLetter(value: Uint8Array): DeadLetter | undefined {
  try {
    return DEAD_LETTER.parse(JSON.parse(Buffer.from(value).toString()));
  } catch {
    return undefined;
  }
}

/** What may be logged: nothing that the refused event said. */
export function summaryOf(
  letter: DeadLetter,
): Pick<DeadLetter, 'id' | 'reason' | 'path' | 'origin'> {
  const { id, reason, path, origin } = letter;
  return { id, reason, path, origin };
}

/** Keeps refused events until they are replayed or dropped. */
export interface DeadLetterSink {
  /** Resolves when the broker has them; rejects like {@link EventProducer.send}. */
  keep(letters: readonly DeadLetter[]): Promise<void>;
  /** Remove letters by id. */
  drop(ids: readonly string[]): Promise<void>;
}

export function createDeadLetterSink(producer: EventProducer, topic: string): DeadLetterSink {
  return {
    keep: (letters) =>
      producer.send(
        letters.map((letter) => ({
          topic,
          key: letter.id,
          value: Buffer.from(JSON.stringify(letter)),
        })),
      ),
    drop: (ids) => producer.send(ids.map((key) => ({ topic, key, value: null }))),
  };
}
