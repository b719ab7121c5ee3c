import { Fault } from '@kpi/core';
import { pause, untilAborted, type Clock, type Logger, type Obstacle } from '@kpi/runtime';
import { type Batch } from 'kafkajs';

import { type ConsumerObserver } from './consumer-metrics.ts';
import { Displacement, type DisplacementOptions } from './displacement.ts';
import { Hindrance } from './hindrance.ts';
import { fetchedFrom, logBatchOf, type LogBatch } from './log-batch.ts';
import { type LogRange, type LogRanges } from './log-ranges.ts';
import { type PartitionTask } from './partition-task.ts';
import { PartitionWorker } from './partition-worker.ts';
import { type Turns } from './turns.ts';

const RETRY_MS = 500;
/** All topics are fetched together, so a full one may hold up the others only for a moment; then it is left out. */
const ROOM_WAIT_MS = 250;

/** What the client offers to steer fetching. */
export interface FetchControl {
  seek(at: TopicPosition): void;
  pause(topic: string, partition: number): void;
  resume(topic: string, partition: number): void;
}

interface TopicPosition {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
}

export interface AssignedPartitionOptions {
  readonly topics: readonly string[];
  readonly open: (partition: number) => Promise<PartitionTask>;
  readonly ranges: Pick<LogRanges, 'read'>;
  readonly fetching: FetchControl;
  readonly log: Logger;
  readonly clock: Clock;
  readonly batchRecordsMax: number;
  readonly lingerMs: number;
  readonly turns: Turns;
  readonly displacedMsMax: number;
  readonly reassured: DisplacementOptions['reassured'];
  readonly observer: ConsumerObserver | undefined;
  readonly onFatal: (error: unknown) => void;
  readonly onApplied: () => void;
}

/** Offset before which a topic of the partition is applied, and where its log is known to begin and end. */
export interface TopicProgress extends TopicPosition, LogRange {}

/** How far one topic of the partition has come. */
interface Progress {
  /** Offset that the next fetched stretch must reach back to. */
  expected: number;
  /** Offset before which everything is applied. */
  applied: number;
  /** Where the log begins and ends as far as known. */
  start: number;
  end: number;
  isPaused: boolean;
}

/** What became of a fetched batch: a `gap` means that records between it and the one before were never seen. */
export type Verdict = 'accepted' | 'ignored' | 'gap';

/** Partition p of all topics while this member has it: opened once, read from the task's positions, closed on revocation. */
export class AssignedPartition {
  readonly partition: number;
  readonly #options: AssignedPartitionOptions;
  readonly #topics = new Map<string, Progress>();
  readonly #room = new Map<string, AbortController>();
  readonly #closing = new AbortController();
  readonly #closed: Promise<void>;
  readonly #hindrance: Hindrance;
  readonly #displacement: Displacement;
  #worker: PartitionWorker | undefined;

  /** Begins once `after` is settled: the same partition may still be closing from the assignment before. */
  constructor(partition: number, after: Promise<void>, options: AssignedPartitionOptions) {
    this.partition = partition;
    this.#options = options;
    this.#hindrance = new Hindrance(options.clock);
    this.#displacement = new Displacement({ ...options, msMax: options.displacedMsMax });
    this.#closed = after.then(() => this.#live()).catch((error: unknown) => this.#fail(error));
  }

  /** What keeps the partition from being opened or worked on just now. */
  get obstacle(): Obstacle | undefined {
    return this.#hindrance.current;
  }

  /** Finish the stretch in hand, drop what waits and close the task. Never rejects. */
  close(): Promise<void> {
    this.#closing.abort();
    this.#worker?.stop();
    return this.#closed;
  }

  /** Take over what was fetched, if it continues where the last stretch ended. */
  accept(batch: Batch): Verdict {
    const progress = this.#topics.get(batch.topic);
    if (progress === undefined || this.#worker === undefined) return 'ignored';
    if (fetchedFrom(batch) > progress.expected) return 'gap';
    this.#take(logBatchOf(batch, progress.expected), progress);
    return 'accepted';
  }

  /** Waits until nothing of a topic waits; when that takes long, leaves the topic out of fetches until there is. */
  async room(topic: string): Promise<void> {
    if (this.#hasRoom(topic)) return;
    const waiting = AbortSignal.any([this.#closing.signal, this.#roomOf(topic)]);
    await pause(ROOM_WAIT_MS, waiting);
    const progress = this.#topics.get(topic);
    if (progress === undefined || waiting.aborted) return;
    progress.isPaused = true;
    this.#options.observer?.onPaused(topic);
    this.#options.fetching.pause(topic, this.partition);
  }

  /** The client read a stretch without any record for us (transaction markers) and passed it over. */
  skip(topic: string, range: LogRange): void {
    const progress = this.#topics.get(topic);
    if (progress === undefined || range.start > progress.expected) return;
    const { expected, end } = progress;
    const { partition } = this;
    this.#take(
      {
        topic,
        partition,
        firstOffset: expected,
        nextOffset: range.end,
        highWatermark: end,
        records: [],
      },
      progress,
    );
  }

  /** Read again from where the last stretch ended; a Fault `offset_lost` when the broker no longer has that. */
  async repair(topic: string): Promise<void> {
    const progress = this.#topics.get(topic);
    if (progress === undefined) return;
    const range = (await this.#options.ranges.read(topic)).get(this.partition);
    if (range !== undefined) this.#requireInside(topic, progress.expected, range);
    this.#options.fetching.seek({ topic, partition: this.partition, offset: progress.expected });
  }

  /** Positions and log ends of all topics, once the task is open. */
  progress(): readonly TopicProgress[] {
    return [...this.#topics].map(([topic, { applied, start, end }]) => ({
      topic,
      partition: this.partition,
      offset: applied,
      start,
      end,
    }));
  }

  /** The log was seen to reach from here to there. */
  noteRange(topic: string, { start, end }: LogRange): void {
    const progress = this.#topics.get(topic);
    if (progress === undefined) return;
    progress.start = start;
    progress.end = Math.max(progress.end, end);
  }

  #take(batch: LogBatch, progress: Progress): void {
    progress.end = Math.max(progress.end, batch.highWatermark);
    if (batch.nextOffset <= progress.expected) return;
    progress.expected = batch.nextOffset;
    this.#worker?.offer(batch);
  }

  /** Open and work, again and again, for as long as what ends the work can be got over by opening anew. */
  async #live(): Promise<void> {
    while (!this.#closing.signal.aborted) {
      try {
        return await this.#openAndWork();
      } catch (error) {
        if (!(error instanceof Fault)) throw error;
        await this.#recover(error);
      }
    }
  }

  /** Throws the fault when opening the partition anew does not help. */
  async #recover(fault: Fault): Promise<void> {
    const { log, observer } = this.#options;
    const { signal } = this.#closing;
    const { partition } = this;
    if (fault.code === 'store_set_back') {
      log.warn({ detail: fault.detail, partition }, 'partition is opened anew');
      this.#withdraw();
      await pause(RETRY_MS, signal);
    } else if (fault.code === 'ownership_lost') {
      log.warn({ partition }, 'partition was taken over by another owner');
      observer?.onDisplaced();
      this.#withdraw();
      await this.#displacement.resolve(fault, signal);
      if (!signal.aborted)
        log.warn({ partition }, 'the group left the partition here: claimed again');
    } else throw fault;
  }

  async #openAndWork(): Promise<void> {
    const task = await this.#repeat(() => this.#options.open(this.partition));
    if (task === undefined) return;
    try {
      await this.#work(task);
    } finally {
      await task.close().catch((error: unknown) => {
        this.#options.log.warn({ err: error, partition: this.partition }, 'task did not close');
      });
    }
  }

  async #work(task: PartitionTask): Promise<void> {
    const { topics, ranges, fetching } = this.#options;
    const reading = this.#repeat(() => Promise.all(topics.map((topic) => ranges.read(topic))));
    // Who closes does not wait for brokers that may not answer.
    const found = await Promise.race([reading, untilAborted(this.#closing.signal)]);
    if (found === undefined || this.#closing.signal.aborted) return;
    this.#options.observer?.onClaimed();
    const worker = new PartitionWorker({
      ...this.#options,
      task,
      hindrance: this.#hindrance,
      onApplied: (batch) => this.#applied(batch),
    });
    this.#worker = worker;
    for (const [index, topic] of topics.entries()) {
      const range = found[index]?.get(this.partition) ?? { start: 0, end: 0 };
      const offset = task.positions.get(topic) ?? range.start;
      this.#requireInside(topic, offset, range);
      this.#topics.set(topic, {
        expected: offset,
        applied: offset,
        start: range.start,
        end: range.end,
        isPaused: false,
      });
      fetching.seek({ topic, partition: this.partition, offset });
      fetching.resume(topic, this.partition);
    }
    await worker.run();
  }

  #applied({ topic, nextOffset }: LogBatch): void {
    const progress = this.#topics.get(topic);
    if (progress === undefined) return;
    progress.applied = nextOffset;
    if (this.#hasRoom(topic) && !this.#closing.signal.aborted) this.#giveRoom(topic, progress);
    this.#options.onApplied();
  }

  #hasRoom(topic: string): boolean {
    return this.#worker?.holds(topic) !== true;
  }

  /** Aborts when there is room again. */
  #roomOf(topic: string): AbortSignal {
    const room = this.#room.get(topic) ?? new AbortController();
    this.#room.set(topic, room);
    return room.signal;
  }

  #giveRoom(topic: string, progress: Progress): void {
    this.#room.get(topic)?.abort();
    this.#room.delete(topic);
    if (!progress.isPaused) return;
    progress.isPaused = false;
    this.#options.fetching.resume(topic, this.partition);
  }

  #requireInside(topic: string, position: number, { start, end }: LogRange): void {
    if (position >= start && position <= end) return;
    const where = `partition ${this.partition} of topic ${topic}`;
    throw new Fault(
      'offset_lost',
      `the position ${position} in ${where} is outside the log, which holds ${start} to ${end}; rebuild from ClickHouse (kpi rebuild --from clickhouse)`,
    );
  }

  /** Repeat what fails with a retryable Fault until it succeeds; undefined once the partition is being closed. */
  async #repeat<T>(work: () => Promise<T>): Promise<T | undefined> {
    while (!this.#closing.signal.aborted) {
      try {
        const done = await work();
        this.#hindrance.passed();
        return done;
      } catch (error) {
        if (!(error instanceof Fault) || !error.retryable) throw error;
        this.#hindrance.met(error);
        this.#options.observer?.onRetry(error);
        const { code, detail } = error;
        const fields = { code, detail, partition: this.partition };
        this.#options.log.warn(fields, 'partition could not be opened, will be tried again');
      }
      await pause(RETRY_MS, this.#closing.signal);
    }
    return undefined;
  }

  /** Nothing more is fetched, and nothing that was is taken. */
  #withdraw(): void {
    const { topics, fetching } = this.#options;
    for (const topic of topics) fetching.pause(topic, this.partition);
    this.#worker = undefined;
    this.#topics.clear();
    for (const room of this.#room.values()) room.abort();
    this.#room.clear();
    this.#hindrance.passed();
  }

  #fail(error: unknown): void {
    this.#withdraw();
    this.#options.onFatal(error);
  }
}
