import { Fault } from '@kpi/core';
import {
  type DeadLetterSink,
  type EventDecoder,
  type LogBatch,
  type RefusedRecord,
  keepRefused,
} from '@kpi/kafka';
import { type Clock } from '@kpi/runtime';

import { type PlacedEvent } from './batch-plan.ts';
import { type LateEvents, LateTally } from './late-events.ts';
import { type DecodedBatch } from './partition-worker.ts';

export interface BatchReaderOptions {
  readonly decoder: EventDecoder;
  readonly deadLetters: DeadLetterSink;
  readonly clock: Clock;
}

/** A batch that was read, and what its events say about time. */
export interface ReadBatch extends DecodedBatch {
  readonly late: LateEvents;
}

/**
 * The events of a batch; records that are none are in the dead letters before this answers.
 * Throws `registry_unreachable`, `broker_unreachable`: the batch may be read again.
 */
export async function readBatch(batch: LogBatch, options: BatchReaderOptions): Promise<ReadBatch> {
  const decoded = await options.decoder.decodeAll(batch.records);
  const events: PlacedEvent[] = [];
  const refused: RefusedRecord[] = [];
  const late = new LateTally();
  for (const [index, record] of batch.records.entries()) {
    const answer = decoded[index];
    if (answer instanceof Fault) refused.push({ record, fault: answer });
    else if (answer !== undefined) {
      const { event } = answer;
      events.push({ homeKey: String(record.key ?? ''), offset: record.offset, event });
      late.add(event.event_type, event.occurred_at, record.timestampMs);
    }
  }
  await keepRefused(options.deadLetters, batch, { refused, refusedAtMs: options.clock() });
  return {
    topic: batch.topic,
    next: batch.nextOffset,
    events,
    refused: refused.length,
    arrivedAt: batch.records[0]?.timestampMs,
    late,
  };
}
