import { randomUUID } from 'node:crypto';

import { type History, type PartitionCount } from '@kpi/clickhouse';
import { type ComponentRow, type DefinitionsByTenant, Fault, type KpiQuery } from '@kpi/core';
import { type ArchiveProgress, type LivePosition, type LiveView, placeOf } from '@kpi/redis';
import { type Clock, pause } from '@kpi/runtime';

import { type Disagreement, compareRows, lookTwice } from './differences.ts';
import { loadFresh } from './fresh-view.ts';
import { liveQuestions } from './questions.ts';

export interface VerifyOptions {
  /** A view of its own, not opened: it is loaded from the store for this one comparison. */
  readonly live: LiveView;
  readonly history: Pick<History, 'read' | 'derive' | 'partitionCounts'>;
  readonly archiveProgress: () => Promise<ArchiveProgress>;
  readonly topics: readonly string[];
  readonly clock: Clock;
  /** How long history may need to catch up with the live store, ms. */
  readonly patienceMs?: number;
  readonly onProgress?: (done: number, all: number) => void;
  readonly signal?: AbortSignal;
}

/** One topic partition in both stores, up to the offset that the live store has applied. */
export interface PartitionCheck {
  readonly topic: string;
  readonly partition: number;
  /** Offset before which the live store has applied everything. */
  readonly offset: number;
  readonly liveEvents: number;
  readonly liveRefused: number;
  readonly rows: number;
  /** Records that name somebody who was erased, and have no row any more. */
  readonly erased: number;
  /** Distinct events among the rows: the rest are repetitions by their producers. */
  readonly distinctEvents: number;
  readonly isEqual: boolean;
}

export interface VerifyReport {
  readonly isClean: boolean;
  /** When the live store was read, ms. */
  readonly at: number;
  readonly tenants: readonly string[];
  readonly questions: number;
  readonly values: number;
  readonly disagreements: readonly Disagreement[];
  readonly partitions: readonly PartitionCheck[];
  readonly tookMs: number;
}

const PATIENCE_MS = 60_000;
const POLL_MS = 250;

/**
 * Compare every live value with history at equal offsets: the live store is read once, with the offsets it stands at, history
 * is awaited until it has them and asked as of them. What differs is looked at again, because what homes tell each other of a
 * user may be under way at the first look. Throws `verify_failed` when history does not catch up in time.
 */
export async function verify(options: VerifyOptions): Promise<VerifyReport> {
  const begun = options.clock();
  const report = await lookTwice(() => look(options), options.signal);
  const { disagreements, partitions } = report;
  return {
    ...report,
    isClean: disagreements.length === 0 && partitions.every((one) => one.isEqual),
    tookMs: options.clock() - begun,
  };
}

/** What one look finds. */
type Look = Omit<VerifyReport, 'isClean' | 'tookMs'>;

async function look(options: VerifyOptions): Promise<Look> {
  const { live, history, clock } = options;
  await loadFresh(live, options);
  const at = clock();
  const tenants = live.tenants();
  const positions = live.positions();
  const asked = tenants
    .flatMap((tenantId) =>
      liveQuestions(tenantId, { definitions: live.definitionsOf(tenantId), nowMs: at }),
    )
    .map((query) => ({ query, rows: live.read(query) }));
  const bound = live.bound();
  await untilArchived(options, bound);
  const definitions = new Map(
    tenants.map((tenantId) => [tenantId, live.definitionsOf(tenantId)] as const),
  );
  const disagreements = await compareAll(options, asked, { bound, definitions });
  const values = asked.reduce(
    (sum, { rows }) =>
      sum + rows.reduce((total, row) => total + Object.keys(row.components).length, 0),
    0,
  );
  const counts = await history.partitionCounts({ topics: options.topics, offsetBound: bound });
  const { erased } = await options.archiveProgress();
  const partitions = checkPartitions(positions, { counts, erased });
  return {
    at,
    tenants,
    questions: asked.length,
    values,
    disagreements,
    partitions,
  };
}

/** A question and what the live store said. */
interface Asked {
  readonly query: KpiQuery;
  readonly rows: readonly ComponentRow[];
}

/** Where the live store stood, and by what its numbers are counted. */
interface LiveState {
  readonly bound: Readonly<Record<string, number>>;
  readonly definitions: DefinitionsByTenant;
}

/** Questions that history is asked at once: it plans on one core while it reads on another. */
const QUESTIONS_AT_ONCE = 2;
/** Deriving the units of all KPIs once costs as much as this many questions that derive theirs. */
const QUESTIONS_PER_DERIVING = 6;

async function compareAll(
  options: VerifyOptions,
  asked: readonly Asked[],
  state: LiveState,
): Promise<readonly Disagreement[]> {
  const { history, signal, onProgress } = options;
  const asOfBound = {
    offsetBound: state.bound,
    ...(asked.length > QUESTIONS_PER_DERIVING && { derived: await derive(options, state) }),
    ...(signal === undefined ? {} : { signal }),
  };
  const found = new Map<number, Disagreement>();
  const waiting = [...asked.entries()];
  let done = 0;
  const work = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const [index, { query, rows }] = next;
      const recorded = await history.read(query, asOfBound);
      const differences = compareRows(rows, recorded);
      if (differences.length > 0) found.set(index, { query, differences });
      done += 1;
      onProgress?.(done, asked.length);
    }
  };
  await Promise.all(Array.from({ length: QUESTIONS_AT_ONCE }, work));
  return [...found].toSorted(([a], [b]) => a - b).map(([, disagreement]) => disagreement);
}

/** All questions are about the same offsets: their units are derived from the events once, for this comparison alone. */
async function derive({ history, signal }: VerifyOptions, { bound, definitions }: LiveState) {
  const derived = { generation: randomUUID(), definitions };
  await history.derive({ bound, ...derived, ...(signal === undefined ? {} : { signal }) });
  return derived;
}

/** Wait until history holds everything before the bound. A partition whose last records were refused never gets a row for them. */
async function untilArchived(
  options: VerifyOptions,
  bound: Readonly<Record<string, number>>,
): Promise<void> {
  const deadline = options.clock() + (options.patienceMs ?? PATIENCE_MS);
  for (;;) {
    const { offsets: archived } = await options.archiveProgress();
    const behind = Object.entries(bound).filter(
      ([place, offset]) => (archived.get(place) ?? 0) < offset,
    );
    if (behind.length === 0) return;
    if (options.clock() > deadline || options.signal?.aborted === true) {
      const [place, offset] = behind[0] ?? ['', 0];
      throw new Fault(
        'verify_failed',
        `history is behind in ${behind.length} partitions: ${place} is archived to ${archived.get(place) ?? 0}, live is at ${offset}`,
      );
    }
    await pause(POLL_MS, options.signal);
  }
}

function checkPartitions(
  positions: readonly LivePosition[],
  {
    counts,
    erased: erasedOf,
  }: { counts: readonly PartitionCount[]; erased: ReadonlyMap<string, number> },
): readonly PartitionCheck[] {
  return positions.flatMap(({ partition, offsets, counts: live }) =>
    [...offsets].map(([topic, offset]) => {
      const recorded = counts.find((one) => one.topic === topic && one.partition === partition);
      const liveEvents = live.get(`events:${topic}`) ?? 0;
      const rows = recorded?.rows ?? 0;
      const erased = erasedOf.get(placeOf(topic, partition)) ?? 0;
      return {
        topic,
        partition,
        offset,
        liveEvents,
        liveRefused: live.get(`refused:${topic}`) ?? 0,
        rows,
        erased,
        distinctEvents: recorded?.events ?? 0,
        isEqual: rows + erased === liveEvents,
      };
    }),
  );
}
