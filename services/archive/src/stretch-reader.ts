import { type EventRow } from '@kpi/clickhouse';
import { Fault } from '@kpi/core';
import {
  type DeadLetterSink,
  type EventDecoder,
  type LogBatch,
  type RefusedRecord,
  keepRefused,
} from '@kpi/kafka';
import { type Clock } from '@kpi/runtime';

import { type Stretch } from './range-buffer.ts';

export interface StretchReaderOptions {
  readonly decoder: EventDecoder;
  readonly deadLetters: DeadLetterSink;
  readonly clock: Clock;
}

/**
 * The rows of a stretch of the log; records that are no events are in the dead letters before this answers.
 * Throws `registry_unreachable`, `broker_unreachable`: the stretch may be read again.
 */
export async function readStretch(
  batch: LogBatch,
  options: StretchReaderOptions,
): Promise<Stretch> {
  const { topic, partition } = batch;
  const decoded = await options.decoder.decodeAll(batch.records);
  const rows: EventRow[] = [];
  const refused: RefusedRecord[] = [];
  for (const [index, record] of batch.records.entries()) {
    const answer = decoded[index];
    if (answer instanceof Fault) refused.push({ record, fault: answer });
    else if (answer !== undefined)
      rows.push({ event: answer.event, topic, partition, offset: record.offset });
  }
  await keepRefused(options.deadLetters, batch, { refused, refusedAtMs: options.clock() });
  return {
    topic,
    from: batch.firstOffset,
    to: batch.nextOffset,
    rows,
    refused: refused.map(({ record }) => record.offset),
  };
}
