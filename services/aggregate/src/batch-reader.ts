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
import { type DecodedBatch } from './partition-worker.ts';

export interface BatchReaderOptions {
  readonly decoder: EventDecoder;
  readonly deadLetters: DeadLetterSink;
  readonly clock: Clock;
}

/**
 * The events of a batch; records that are none are in the dead letters before this answers.
 * Throws `registry_unreachable`, `broker_unreachable`: the batch may be read again.
 */
export async function readBatch(
  batch: LogBatch,
  options: BatchReaderOptions,
): Promise<DecodedBatch> {
  const decoded = await options.decoder.decodeAll(batch.records);
  const events: PlacedEvent[] = [];
  const refused: RefusedRecord[] = [];
  for (const [index, record] of batch.records.entries()) {
    const answer = decoded[index];
    if (answer instanceof Fault) refused.push({ record, fault: answer });
    else if (answer !== undefined)
      events.push({
        homeKey: String(record.key ?? ''),
        offset: record.offset,
        event: answer.event,
      });
  }
  await keepRefused(options.deadLetters, batch, { refused, refusedAtMs: options.clock() });
  return { topic: batch.topic, next: batch.nextOffset, events, refused: refused.length };
}
