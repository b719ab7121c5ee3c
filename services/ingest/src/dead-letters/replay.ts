import { Fault } from '@kpi/core';
import {
  AVRO_CONTENT_TYPE,
  type DeadLetter,
  type DeadLetterSink,
  type EventDecoder,
  recordKeys,
  refusedAgain,
  type Refusal,
  type Topics,
} from '@kpi/kafka';
import { type ErasedSubjects } from '@kpi/redis';

import { type EventLog } from '../event-log.ts';
import { type Receiver } from '../receive.ts';

/** What became of one letter. */
export type ReplayOutcome =
  | { readonly outcome: 'replayed'; readonly events: number }
  | {
      readonly outcome: 'refused';
      readonly code: string;
      readonly message: string;
      readonly path: string | null;
      readonly attempts: number;
    };

/** A letter, and what is sent in place of its body. */
interface ReplayRequest {
  readonly letter: DeadLetter;
  /** Canonical events; absent: the letter's own bytes. */
  readonly events?: readonly unknown[];
  /** Tenant of a letter that names none. */
  readonly tenantId: string;
}

export interface ReplayerOptions {
  /** Takes events in as from any source, over a log that {@link keepsNoLetters}. */
  readonly receiver: Receiver;
  readonly log: EventLog;
  readonly letters: DeadLetterSink;
  readonly decoder: EventDecoder;
  readonly topics: Topics;
  readonly erased: ErasedSubjects;
  readonly clock: () => number;
}

/** Sends dead letters again. */
export interface Replayer {
  /**
   * Publish, then remove the letter. Whatever ends it between the two leaves a letter whose replay changes nothing: its
   * events have the same ids. Refused again, the letter stays, with the new reason and one more attempt; it is dropped if it names somebody who was erased. All events of a
   * letter go through or none. Throws retryable Faults when an engine is away: then the letter is as it was.
   */
  replay(request: ReplayRequest): Promise<ReplayOutcome>;
}

/** An event that was refused again: it must not become a second letter. */
class RefusedAgain extends Error {
  override readonly name = 'RefusedAgain';
  readonly letter: DeadLetter;

  constructor(letter: DeadLetter) {
    super(letter.message);
    this.letter = letter;
  }
}

/** The same log; it throws instead of keeping a letter, before it writes anything. */
export function keepsNoLetters(log: EventLog): EventLog {
  return {
    ...log,
    async write(records, [first]) {
      if (first !== undefined) throw new RefusedAgain(first);
      await log.write(records, []);
    },
  };
}

export function createReplayer(options: ReplayerOptions): Replayer {
  return { replay: (request) => replay(request, options) };
}

async function replay(request: ReplayRequest, options: ReplayerOptions): Promise<ReplayOutcome> {
  const { letter } = request;
  try {
    const events = await publish(request, options);
    await options.letters.drop([letter.id]);
    return { outcome: 'replayed', events };
  } catch (error) {
    const again = refusedAgain(letter, refusalOf(error), options.clock());
    if (again.reason === 'subject_erased') await options.letters.drop([letter.id]);
    else await options.letters.keep([again]);
    const { reason: code, message, path, attempts } = again;
    return { outcome: 'refused', code, message, path, attempts };
  }
}

function publish(request: ReplayRequest, options: ReplayerOptions): Promise<number> {
  const { letter, events } = request;
  const isRecord = letter.content_type === AVRO_CONTENT_TYPE;
  return isRecord && events === undefined
    ? publishRecord(letter, options)
    : publishEvents(request, options);
}

async function publishEvents(
  { letter, events, tenantId }: ReplayRequest,
  { receiver }: ReplayerOptions,
): Promise<number> {
  const { accepted, rejected } = await receiver.receive({
    tenantId: letter.tenant_id ?? tenantId,
    headers: { 'content-type': events === undefined ? letter.content_type : 'application/json' },
    body:
      events === undefined
        ? Buffer.from(letter.body, 'base64')
        : Buffer.from(JSON.stringify(events)),
    onCounted: () => undefined,
  });
  // All other refusals end the call before anything is written; these are nobody's to keep.
  if (rejected.length > 0) throw new Fault('subject_erased', 'names somebody who was erased');
  return accepted;
}

/** The bytes as their producer wrote them, under the key that the event itself has: the letter does not know the old one. */
async function publishRecord(
  letter: DeadLetter,
  { decoder, erased, log, topics }: ReplayerOptions,
): Promise<number> {
  const value = Buffer.from(letter.body, 'base64');
  const decoded = await decoder.decode({ value, timestampMs: letter.refused_at });
  if (decoded instanceof Fault) throw decoded;
  await erased.refreshWhenDue();
  if (erased.isNamedBy(decoded.event))
    throw new Fault('subject_erased', 'names somebody who was erased');
  const topic = topics.of(decoded.event.event_type);
  await log.write(
    recordKeys(decoded.event).map((key) => ({ topic, key, value })),
    [],
  );
  return 1;
}

/** Why a letter was refused again. Throws what says nothing about the letter. */
function refusalOf(error: unknown): Refusal {
  if (error instanceof RefusedAgain) return error.letter;
  if (!(error instanceof Fault) || error.retryable) throw error;
  return { reason: error.code, message: error.detail, path: error.path ?? null };
}
