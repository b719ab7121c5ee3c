import { type ArchivedRecord, type ArchivedRecords, type RecordCount } from '@kpi/clickhouse';
import { type EventType, Fault, type IsErased, namesErased } from '@kpi/core';
import { eventOfFields, keysIn } from '@kpi/kafka';
import { type ArchiveProgress, placeOf, sourceField } from '@kpi/redis';
import { type Logger, pause } from '@kpi/runtime';

import { type PlacedEvent } from './batch-plan.ts';
import { type DecodedBatch } from './partition-worker.ts';
import { type LogStart, type Past, type PastSource, type PastTaker } from './past.ts';

export interface ArchivedPastOptions {
  readonly records: Pick<ArchivedRecords, 'counts' | 'read'>;
  readonly partitions: number;
  readonly progress: () => Promise<ArchiveProgress>;
  readonly isErased: IsErased;
  readonly log: Logger;
}

/** Offsets that are applied at once: as many as live batches have records. */
const STEP = 2_000;
/** Offsets that one question is about, a multiple of the step: each scans the columns of places, and its rows are sorted. */
const PAGE = 50 * STEP;
const RETRY_MS = 1_000;

/**
 * What the archive has written, up to where its ledger vouches for it; rows beyond are read from the log. Of events that no KPI
 * reads only the number and the senders are asked.
 */
export function archivedPast(options: ArchivedPastOptions): PastSource {
  return {
    async open(starts) {
      const progress = await options.progress();
      for (const start of starts) requireNoGap(start, progress);
      return new ArchivedPast(options, progress, starts);
    },
  };
}

function requireNoGap({ topic, partition, start }: LogStart, { offsets }: ArchiveProgress): void {
  const archived = offsets.get(placeOf(topic, partition)) ?? 0;
  if (archived >= start) return;
  throw new Fault(
    'history_incomplete',
    `of topic ${topic}, partition ${partition}, history is complete up to offset ${archived} and the log begins at ${start}: ${start - archived} offsets are in neither. If Redis was lost, start the archive first: it makes its ledger anew from what history holds`,
  );
}

class ArchivedPast implements Past {
  readonly records: number;
  readonly #options: ArchivedPastOptions;
  readonly #progress: ArchiveProgress;
  readonly #topics: readonly string[];
  /** One partition at a time: while one batch is applied the next rows are under way, and memory is bounded by them. */
  #turn: Promise<unknown> = Promise.resolve();

  constructor(
    options: ArchivedPastOptions,
    progress: ArchiveProgress,
    starts: readonly LogStart[],
  ) {
    this.#options = options;
    this.#progress = progress;
    this.#topics = [...new Set(starts.map(({ topic }) => topic))];
    this.records = starts.reduce(
      (sum, { topic, partition }) => sum + (progress.offsets.get(placeOf(topic, partition)) ?? 0),
      0,
    );
  }

  give(partition: number, taker: PastTaker): Promise<void> {
    const given = this.#turn.then(() => this.#givePartition(partition, taker));
    this.#turn = given.catch(() => undefined);
    return given;
  }

  async #givePartition(partition: number, taker: PastTaker): Promise<void> {
    for (const topic of this.#topics) {
      const end = this.#progress.offsets.get(placeOf(topic, partition)) ?? 0;
      for (;;) {
        const from = taker.positions().get(topic) ?? 0;
        if (from >= end) break;
        if (taker.signal.aborted) throw new Fault('rebuild_aborted', 'stopped before the switch');
        const to = Math.min(from + PAGE, end);
        await this.#giveRange({ topic, partition, from, to, end }, taker);
      }
    }
  }

  /** As much of a range as can be given now: what is applied moves the position on, the caller asks for the rest. */
  async #giveRange(range: PageRange, { apply, signal, types }: PastTaker): Promise<void> {
    try {
      for await (const batch of this.#batches(range, types)) {
        if (signal.aborted) return;
        await apply(batch);
      }
    } catch (error) {
      if (!(error instanceof Fault) || !error.retryable) throw error;
      const { code, detail } = error;
      this.#options.log.warn({ code, detail, partition: range.partition }, 'history is read again');
      await pause(RETRY_MS, signal);
    }
  }

  async *#batches(
    range: PageRange,
    types: ReadonlySet<EventType>,
  ): AsyncGenerator<DecodedBatch, void> {
    const { records } = this.#options;
    const counting = this.#counts(range);
    // Whoever reads the rows hears of it; this only keeps a failure of both from being unheard of.
    counting.catch(() => undefined);
    const last = Math.ceil((range.to - range.from) / STEP) - 1;
    let stretch = 0;
    let events: PlacedEvent[] = [];
    for await (const record of records.read(range, [...types])) {
      const at = Math.floor((record.offset - range.from) / STEP);
      for (; stretch < at; stretch += 1) {
        yield this.#batchOf(range, { stretch, counts: await counting, events });
        events = [];
      }
      events.push(...this.#placed(record, range.partition));
    }
    for (; stretch <= last; stretch += 1) {
      yield this.#batchOf(range, { stretch, counts: await counting, events });
      events = [];
    }
  }

  async #counts(range: PageRange): Promise<FilledStretch['counts']> {
    const counts = await this.#options.records.counts(range, STEP);
    return Map.groupBy(counts, ({ stretch }) => stretch);
  }

  #batchOf({ topic, partition, from, to, end }: PageRange, filled: FilledStretch): DecodedBatch {
    const counts = filled.counts.get(filled.stretch) ?? [];
    const next = Math.min(from + (filled.stretch + 1) * STEP, to);
    // Which offsets they had nobody knows; how many they are is counted with the last.
    const atEnd = (noRows: ReadonlyMap<string, number>): number =>
      next === end ? (noRows.get(placeOf(topic, partition)) ?? 0) : 0;
    return {
      topic,
      next,
      events: filled.events,
      records: counts.reduce((sum, { records }) => sum + records, atEnd(this.#progress.erased)),
      refused: atEnd(this.#progress.refused),
      sources: sourcesOf(counts),
    };
  }

  /** Whose home an event belongs to is what its key said; a merge has one record for each side, in one row each. */
  #placed(record: ArchivedRecord, partition: number): readonly PlacedEvent[] {
    const event = eventOfFields((field) => record.valueOf(field));
    const { partitions, isErased } = this.#options;
    if (namesErased(event, isErased)) return [];
    const keys = keysIn(event, { partition, partitions });
    return keys.map((key) => ({ key: Buffer.from(key), offset: record.offset, event }));
  }
}

interface PageRange {
  readonly topic: string;
  readonly partition: number;
  readonly from: number;
  readonly to: number;
  /** Where the past of this place ends. */
  readonly end: number;
}

interface FilledStretch {
  readonly stretch: number;
  readonly counts: ReadonlyMap<number, readonly RecordCount[]>;
  readonly events: readonly PlacedEvent[];
}

function sourcesOf(counts: readonly RecordCount[]): ReadonlyMap<string, number> {
  return new Map(
    counts.map(({ tenantId, eventType, source, lastAt }) => [
      sourceField(tenantId, eventType, source),
      lastAt,
    ]),
  );
}
