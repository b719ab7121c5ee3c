import { type Batch, type IHeaders } from 'kafkajs';

/** One record as it stands in the log. */
export interface LogRecord {
  readonly offset: number;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  /** Arrival at the broker, ms. */
  readonly timestampMs: number;
  readonly headers: IHeaders | undefined;
}

/**
 * A stretch of one partition of one topic: every record from `firstOffset` to before `nextOffset`. Offsets may be missing
 * (transaction markers take one each), and `records` may be empty.
 */
export interface LogBatch {
  readonly topic: string;
  readonly partition: number;
  readonly firstOffset: number;
  readonly nextOffset: number;
  /** End of the log when this was fetched. */
  readonly highWatermark: number;
  readonly records: readonly LogRecord[];
}

/** Offset that the fetch asked for. The client's types leave it out, and nothing else tells a gap from skipped markers. */
export function fetchedFrom(batch: Batch): number {
  return Number(Reflect.get(batch, 'fetchedOffset'));
}

/** The part of a fetched batch from `position` on, as plain data. The fetch must have started at or before it. */
export function logBatchOf(batch: Batch, position: number): LogBatch {
  const records: LogRecord[] = [];
  for (const { offset, key, value, timestamp, headers } of batch.messages) {
    const at = Number(offset);
    if (at >= position)
      records.push({ offset: at, key, value, timestampMs: Number(timestamp), headers });
  }
  return {
    topic: batch.topic,
    partition: batch.partition,
    firstOffset: position,
    nextOffset: Number(batch.lastOffset()) + 1,
    highWatermark: Number(batch.highWatermark),
    records,
  };
}

/** Name of a stretch in logs: `kpi.lms.v1-3:100-149`, first and last offset. The same in every process that reads it. */
export function batchId({
  topic,
  partition,
  firstOffset,
  nextOffset,
}: Pick<LogBatch, 'topic' | 'partition' | 'firstOffset' | 'nextOffset'>): string {
  return `${topic}-${partition}:${firstOffset}-${nextOffset - 1}`;
}

/** Two neighbouring stretches as one. */
export function joinBatches(first: LogBatch, second: LogBatch): LogBatch {
  return {
    ...second,
    firstOffset: first.firstOffset,
    records: [...first.records, ...second.records],
  };
}

/** The first `count` records as one stretch and what is left. */
export function splitBatch(batch: LogBatch, count: number): readonly [LogBatch, LogBatch] {
  const cut = batch.records[count]?.offset ?? batch.nextOffset;
  return [
    { ...batch, nextOffset: cut, records: batch.records.slice(0, count) },
    { ...batch, firstOffset: cut, records: batch.records.slice(count) },
  ];
}
