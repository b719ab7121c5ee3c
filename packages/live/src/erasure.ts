import { type HistoryEraser, type NamedHomes } from '@kpi/clickhouse';
import { directoryKey, homeKey, homeOfSubject } from '@kpi/core';
import { type DeadLetterBox, type DeadLetterSink, type LogRanges, namesSubject } from '@kpi/kafka';
import {
  ERASED_KNOWN_MS,
  type Erasures,
  type ErasureReceipt,
  type HearingState,
  type Identity,
  type PendingErasure,
  placeOf,
} from '@kpi/redis';
import { type Clock, type Logger, pause } from '@kpi/runtime';

import { type Teller } from './facts-log.ts';

export interface ErasureOptions {
  readonly erasures: Erasures;
  readonly history: HistoryEraser;
  readonly identity: Pick<Identity, 'forget'>;
  readonly letters: Pick<DeadLetterBox, 'read'>;
  readonly deadLetters: Pick<DeadLetterSink, 'drop'>;
  readonly ranges: Pick<LogRanges, 'read'>;
  /** Full names of the input topics. */
  readonly topics: readonly string[];
  /** Full name of the topic of facts. */
  readonly factsTopic: string;
  readonly tell: Teller;
  /** Offset before which everything is archived, by `topic:partition`. */
  readonly archived: () => Promise<ReadonlyMap<string, number>>;
  /** Where the live store stands with what homes are told, by partition. */
  readonly hearing: () => Promise<ReadonlyMap<number, HearingState>>;
  readonly log: Logger;
  readonly clock: Clock;
  /** Breaks off between two steps; the erasure stays pending. */
  readonly signal: AbortSignal;
}

const POLL_MS = 200;

/**
 * Carry out an erasure that was asked for; undefined when it was broken off. Every step may be repeated, so after a crash
 * anywhere it is begun anew. Throws when an engine is away.
 *
 * Whoever takes events in, and the live store, heed an erasure as soon as it is asked for; the archive heeds it only after it has
 * everything that was read in ignorance. So every home that may hold something is found in history, and no row comes after the
 * rows were removed.
 */
export async function carryOut(
  erasure: PendingErasure,
  options: ErasureOptions,
): Promise<ErasureReceipt | undefined> {
  const { erasures, history, identity, log, signal } = options;
  const { id, tenantId, subject } = erasure;
  await erasures.noteStep(id, 'waiting for the archive');
  await untilArchived(options);
  await erasures.settle(erasure);
  await untilArchived(options);
  if (signal.aborted) return undefined;
  await erasures.noteStep(id, 'reading homes again');
  const known = await erasures.counts(id);
  const homes = homesOf(erasure, await history.homes(erasure));
  await options.tell({ generation: null, dispatches: [], stale: homes });
  const counts = known ?? (await erasures.settleCounts(id, await history.counts(erasure)));
  const events = [...counts.values()].reduce((sum, rows) => sum + rows, 0);
  await erasures.noteStep(id, 'removing rows');
  await history.remove(erasure);
  await history.note({ ...erasure, events });
  const memberships = await identity.forget(tenantId, subject);
  await erasures.noteStep(id, 'removing dead letters');
  const letters = await dropLetters(erasure, options);
  await erasures.noteStep(id, 'waiting for live values');
  await untilTold(options, homes);
  if (signal.aborted) return undefined;
  const receipt = receiptOf(erasure, {
    completed_at: options.clock(),
    events,
    homes: homes.length,
    memberships,
    dead_letters: letters,
  });
  await erasures.complete(receipt);
  log.info({ erasure: id, events, homes: homes.length }, 'erasure is complete');
  return receipt;
}

/** Keys of the homes that must be read again: those with records of the subject, those that were told of it, and directories. */
function homesOf({ tenantId }: PendingErasure, { homes, users }: NamedHomes): readonly string[] {
  return [
    ...new Set([
      ...homes.map((one) => homeKey(tenantId, homeOfSubject(one))),
      ...users.map((user) => directoryKey(tenantId, user)),
    ]),
  ];
}

/** Until the archive has everything that was in the logs when the last process learned of what was asked or settled before. */
async function untilArchived(options: ErasureOptions): Promise<void> {
  const { topics, ranges, archived, signal } = options;
  await pause(2 * ERASED_KNOWN_MS, signal);
  const ends = new Map<string, number>();
  for (const topic of topics)
    for (const [partition, { end }] of await ranges.read(topic))
      ends.set(placeOf(topic, partition), end);
  while (!signal.aborted) {
    const offsets = await archived();
    if ([...ends].every(([place, end]) => (offsets.get(place) ?? 0) >= end)) return;
    await pause(POLL_MS, signal);
  }
}

/** Until the live store has read these homes again, and all others have heard what they then said. */
async function untilTold(options: ErasureOptions, homes: readonly string[]): Promise<void> {
  await untilHeard(options);
  const { hearing, signal } = options;
  const isStale = async (): Promise<boolean> => {
    const states = await hearing();
    return [...states.values()].some(({ stale }) => homes.some((one) => stale.has(one)));
  };
  while (!signal.aborted && (await isStale())) await pause(POLL_MS, signal);
  await untilHeard(options);
}

/** Until the live store has taken in what homes were told before. */
async function untilHeard({ factsTopic, ranges, hearing, signal }: ErasureOptions): Promise<void> {
  const ends = await ranges.read(factsTopic);
  while (!signal.aborted) {
    const states = await hearing();
    const isTaken = [...ends].every(
      ([partition, { start, end }]) =>
        start === end || (states.get(partition)?.told.get(factsTopic) ?? 0) >= end,
    );
    if (isTaken) return;
    await pause(POLL_MS, signal);
  }
}

/** Letters of the tenant, and those of which nobody knows whose they are. */
async function dropLetters(
  { tenantId, subject }: PendingErasure,
  { letters, deadLetters }: ErasureOptions,
): Promise<number> {
  const { held } = await letters.read();
  const named: string[] = [];
  for (const [id, { open }] of held) {
    const letter = open();
    const isTheirs = letter.tenant_id === null || letter.tenant_id === tenantId;
    if (isTheirs && namesSubject(letter, subject)) named.push(id);
  }
  if (named.length > 0) await deadLetters.drop(named);
  return named.length;
}

function receiptOf(
  { id, tenantId, subject, hash, requestedAt, requestedBy }: PendingErasure,
  done: Pick<ErasureReceipt, 'completed_at' | 'events' | 'homes' | 'memberships' | 'dead_letters'>,
): ErasureReceipt {
  return {
    id,
    tenant_id: tenantId,
    subject_kind: subject.kind,
    subject_hash: hash,
    requested_at: requestedAt,
    requested_by: requestedBy,
    ...done,
  };
}
