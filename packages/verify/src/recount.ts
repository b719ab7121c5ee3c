import {
  CountedHome,
  type Definitions,
  DeltaSheet,
  Fault,
  Home,
  SeriesIndex,
  type RecordedEvent,
  factsOf,
  factsOfHistory,
  parseHomeKey,
  settle,
  statementsOf,
} from '@kpi/core';
import {
  type EventDecoder,
  type KafkaClient,
  type LogBatch,
  consumePartitions,
  deleteGroup,
} from '@kpi/kafka';
import { type ErasedSubjects, placeOf } from '@kpi/redis';
import { type Clock, type Logger, pause } from '@kpi/runtime';

export interface RecountOptions {
  readonly kafka: KafkaClient;
  readonly decoder: EventDecoder;
  readonly erased: ErasedSubjects;
  readonly topics: readonly string[];
  /** Exclusive last offset by `topic:partition`; places that are absent are not read. */
  readonly bound: Readonly<Record<string, number>>;
  readonly definitionsOf: (tenantId: string) => Definitions;
  /** Consumer group for this one reading; removed afterwards. */
  readonly groupId: string;
  readonly log: Logger;
  readonly clock: Clock;
  readonly signal?: AbortSignal;
}

/** Live values as the log alone makes them. */
export interface Recount {
  readonly index: SeriesIndex;
  /** Events read, by `topic:partition`. */
  readonly events: ReadonlyMap<string, number>;
  /** Records that are no events. */
  readonly refused: ReadonlyMap<string, number>;
}

const POLL_MS = 100;

/**
 * Read the log from its start and count everything anew, without any stored state. Throws `offset_lost` when the log no
 * longer begins at its beginning: then history is the only complete record.
 */
export async function recountLog(options: RecountOptions): Promise<Recount> {
  const reading = new LogReading(options);
  await options.erased.refresh();
  const failures: unknown[] = [];
  const { kafka, groupId, topics, log, clock } = options;
  const consumer = await consumePartitions({
    kafka,
    groupId,
    topics,
    log,
    clock,
    open: (partition) => Promise.resolve(reading.task(partition)),
    onFatal: (error) => failures.push(error),
  });
  try {
    while (!reading.isComplete() && failures.length === 0 && options.signal?.aborted !== true)
      await pause(POLL_MS, options.signal);
  } finally {
    await consumer.close();
    await deleteGroup(kafka, groupId);
  }
  if (failures.length > 0) throw failures[0];
  return reading.count();
}

/** The homes of all partitions, filled from the log. */
class LogReading {
  readonly #options: RecountOptions;
  readonly #recorded = new Map<string, RecordedEvent[]>();
  readonly #positions = new Map<string, number>();
  readonly #events = new Map<string, number>();
  readonly #refused = new Map<string, number>();

  constructor(options: RecountOptions) {
    this.#options = options;
  }

  task(partition: number) {
    const start = new Map(
      this.#options.topics.map((topic) => [
        topic,
        this.#positions.get(placeOf(topic, partition)) ?? 0,
      ]),
    );
    return {
      positions: start,
      apply: (batch: LogBatch) => this.#take(batch),
      close: () => Promise.resolve(),
    };
  }

  isComplete(): boolean {
    return Object.entries(this.#options.bound).every(
      ([place, offset]) => (this.#positions.get(place) ?? 0) >= offset,
    );
  }

  count(): Recount {
    const index = new SeriesIndex();
    const sheet = new DeltaSheet();
    for (const [key, home] of this.#homes()) {
      const owner = parseHomeKey(key);
      const definitions = this.#options.definitionsOf(owner.tenantId);
      new CountedHome(home, { ...owner, definitions }).countAll(sheet);
      for (const statement of statementsOf(home, home.entities()))
        index.take(owner.tenantId, statement);
    }
    for (const [series, boundary, weight] of sheet.changes()) index.add(series, boundary, weight);
    return { index, events: this.#events, refused: this.#refused };
  }

  async #take(batch: LogBatch): Promise<void> {
    const place = placeOf(batch.topic, batch.partition);
    const end = this.#options.bound[place] ?? 0;
    const records = batch.records.filter((record) => record.offset < end);
    const decoded = await this.#options.decoder.decodeAll(records);
    for (const [index, record] of records.entries()) {
      const answer = decoded[index];
      if (answer === undefined || answer instanceof Fault) {
        add(this.#refused, place);
        continue;
      }
      add(this.#events, place);
      if (this.#options.erased.isNamedBy(answer.event)) continue;
      const key = String(record.key ?? '');
      const recorded = this.#recorded.get(key) ?? [];
      this.#recorded.set(key, recorded);
      // What no KPI reads may still replace what one does.
      const definitions = this.#options.definitionsOf(answer.event.tenant_id);
      const said = factsOf(answer.event, record.offset, definitions);
      if (said.length > 0 || answer.event.source_version > 0)
        recorded.push({ event: answer.event, offset: record.offset });
    }
    this.#positions.set(place, batch.nextOffset);
  }

  #homes(): ReadonlyMap<string, Home> {
    const homes = new Map<string, Home>();
    for (const [key, recorded] of this.#recorded) {
      const home = new Home();
      home.mergeAll(
        factsOfHistory(recorded, this.#options.definitionsOf(parseHomeKey(key).tenantId)),
      );
      homes.set(key, home);
    }
    settle(homes);
    return homes;
  }
}

function add(counts: Map<string, number>, place: string): void {
  counts.set(place, (counts.get(place) ?? 0) + 1);
}
