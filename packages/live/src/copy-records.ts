import { type ArchivedRecord, type ArchivedRecords } from '@kpi/clickhouse';
import { EVENT_TYPES, Fault } from '@kpi/core';
import {
  type EventEncoder,
  type EventProducer,
  type OutgoingRecord,
  type Topics,
  eventOfFields,
  keysIn,
} from '@kpi/kafka';
import { type CopyLedger, parsePlace } from '@kpi/redis';

export interface CopyOptions {
  readonly records: ArchivedRecords;
  /** Partitions of the topics that are copied. */
  readonly partitions: number;
  readonly producer: EventProducer;
  readonly encoder: EventEncoder;
  /** Where to. */
  readonly topics: Topics;
  readonly ledger: CopyLedger;
  /** Offset before which everything is archived, by `topic:partition`: so far it is copied. */
  readonly archived: ReadonlyMap<string, number>;
  readonly onProgress?: (done: number, total: number) => void;
  readonly signal?: AbortSignal;
}

/** Offsets that one question is about; the place is noted after each. */
const PAGE = 20_000;
/** Records that are sent together. */
const RECORDS_AT_ONCE = 1_000;

/**
 * Write every archived record into other topics: as decoding gives it, under the key it should have, in the order of its
 * place, so that the order of a key is kept. A copy that was interrupted goes on at the last place that was noted; what is
 * copied twice is the same event. Returns how many records were written. Throws `broker_unreachable`, `history_unreachable`,
 * `store_unreachable`: then call it again.
 */
export async function copyRecords(options: CopyOptions): Promise<number> {
  const { archived, ledger, onProgress, signal } = options;
  const copied = new Map(await ledger.read());
  const total = sum(archived.values());
  let written = 0;
  for (const [place, end] of [...archived].toSorted(([a], [b]) => (a < b ? -1 : 1))) {
    for (let from = copied.get(place) ?? 0; from < end; from += PAGE) {
      if (signal?.aborted === true)
        throw new Fault('rebuild_aborted', 'stopped; the same command goes on from here');
      const to = Math.min(from + PAGE, end);
      written += await copyPage(options, { ...parsePlace(place), from, to });
      await ledger.record(place, to);
      copied.set(place, to);
      onProgress?.(sum(copied.values()), total);
    }
  }
  return written;
}

interface Page {
  readonly topic: string;
  readonly partition: number;
  readonly from: number;
  readonly to: number;
}

async function copyPage(options: CopyOptions, page: Page): Promise<number> {
  const { records, producer } = options;
  let waiting: OutgoingRecord[] = [];
  let written = 0;
  for await (const record of records.read(page, EVENT_TYPES)) {
    waiting.push(...copiesOf(record, page, options));
    if (waiting.length < RECORDS_AT_ONCE) continue;
    await producer.send(waiting);
    written += waiting.length;
    waiting = [];
  }
  await producer.send(waiting);
  return written + waiting.length;
}

/** A merge has a record for each side, and a row for each record: the row is that of the keys that belong into its partition. */
function copiesOf(
  record: ArchivedRecord,
  { partition }: Page,
  { encoder, topics, partitions }: CopyOptions,
): readonly OutgoingRecord[] {
  const event = eventOfFields((field) => record.valueOf(field));
  const value = encoder.encode(event);
  const topic = topics.of(event.event_type);
  return keysIn(event, { partition, partitions }).map((key) => ({ topic, key, value }));
}

function sum(numbers: Iterable<number>): number {
  let total = 0;
  for (const one of numbers) total += one;
  return total;
}
