import { type EncodedRow, EventBlock, type FieldTarget } from '@kpi/clickhouse';
import { type EventType, Fault, type IsErased, namesErased } from '@kpi/core';
import {
  type DeadLetterSink,
  type EventDecoder,
  type LogBatch,
  type LogRecord,
  type RefusedRecord,
  type Transcriber,
  keepRefused,
} from '@kpi/kafka';
import { type Clock } from '@kpi/runtime';

import { type Stretch } from './range-buffer.ts';

export interface StretchReaderOptions {
  readonly decoder: EventDecoder;
  readonly deadLetters: DeadLetterSink;
  readonly clock: Clock;
  /** How many erasures are heeded, and whether a subject is among them. */
  readonly erasures: number;
  readonly isErased: IsErased;
}

/**
 * The rows of a stretch of the log; records that are no events are in the dead letters before this answers, and those that name
 * somebody who was erased are left out.
 * Throws `registry_unreachable`, `broker_unreachable`: the stretch may be read again.
 */
export async function readStretch(
  batch: LogBatch,
  options: StretchReaderOptions,
): Promise<Stretch> {
  const { decoder, deadLetters, clock, erasures } = options;
  const block = new EventBlock(batch);
  const refused: RefusedRecord[] = [];
  const row = new RecordRow();
  let erased = 0;
  for (const record of batch.records) {
    if (erasures > 0 && (await isErasedRecord(record, options))) {
      erased += 1;
      continue;
    }
    const transcriber = decoder.transcriberOf(record);
    if (transcriber !== undefined) {
      block.addEncoded(row.of(record, transcriber));
      continue;
    }
    const answer = decoder.decode(record);
    const decoded = answer instanceof Promise ? await answer : answer;
    if (decoded instanceof Fault) refused.push({ record, fault: decoded });
    else block.addEvent(decoded.event, record.offset);
  }
  await keepRefused(deadLetters, batch, { refused, refusedAtMs: clock() });
  return {
    topic: batch.topic,
    from: batch.firstOffset,
    to: batch.nextOffset,
    block,
    refused: refused.length,
    erased,
    erasures,
  };
}

/** Whom a record names is known only of the decoded event. */
async function isErasedRecord(
  record: LogRecord,
  { decoder, isErased }: StretchReaderOptions,
): Promise<boolean> {
  const answer = decoder.decode(record);
  const decoded = answer instanceof Promise ? await answer : answer;
  return !(decoded instanceof Fault) && namesErased(decoded.event, isErased);
}

/** A record as a row; one object serves all records, because there are very many. */
class RecordRow implements EncodedRow {
  eventType: EventType = 'product.action_performed';
  fields: readonly string[] = [];
  offset = 0;
  timestampMs = 0;
  #value: Uint8Array = new Uint8Array(0);
  #transcriber: Transcriber | undefined;

  of(record: LogRecord, transcriber: Transcriber): this {
    this.eventType = transcriber.eventType;
    this.fields = transcriber.fields;
    this.offset = record.offset;
    this.timestampMs = record.timestampMs;
    this.#value = record.value ?? this.#value;
    this.#transcriber = transcriber;
    return this;
  }

  write(row: number, targets: readonly FieldTarget[]): void {
    this.#transcriber?.write(this.#value, row, targets);
  }
}
