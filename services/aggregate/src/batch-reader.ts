import { Fault } from '@kpi/core';
import {
  AVRO_CONTENT_TYPE,
  type DeadLetterSink,
  type EventDecoder,
  type LogBatch,
  type LogRecord,
  deadLetterOf,
} from '@kpi/kafka';
import { type Clock } from '@kpi/runtime';

import { type PlacedEvent } from './batch-plan.ts';
import { type DecodedBatch } from './partition-worker.ts';

export interface BatchReaderOptions {
  readonly decoder: EventDecoder;
  readonly deadLetters: DeadLetterSink;
  readonly clock: Clock;
}

/** Decodes batches of the log; what cannot be read is in the dead letters before the batch is handed on. */
export class BatchReader {
  readonly #options: BatchReaderOptions;

  constructor(options: BatchReaderOptions) {
    this.#options = options;
  }

  /** Throws `registry_unreachable`, `broker_unreachable`: the batch may be read again. */
  async read(batch: LogBatch): Promise<DecodedBatch> {
    const decoded = await this.#options.decoder.decodeAll(batch.records);
    const events: PlacedEvent[] = [];
    const refused: { readonly record: LogRecord; readonly fault: Fault }[] = [];
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
    if (refused.length > 0) await this.#keep(batch, refused);
    return { topic: batch.topic, next: batch.nextOffset, events, refused: refused.length };
  }

  async #keep(
    batch: LogBatch,
    refused: readonly { readonly record: LogRecord; readonly fault: Fault }[],
  ): Promise<void> {
    const refusedAtMs = this.#options.clock();
    const letters = refused.map(({ record, fault }) =>
      deadLetterOf({
        fault,
        origin: {
          kind: 'topic',
          topic: batch.topic,
          partition: batch.partition,
          offset: record.offset,
        },
        body: record.value ?? Buffer.alloc(0),
        contentType: AVRO_CONTENT_TYPE,
        source: null,
        eventId: null,
        tenantId: null,
        refusedAtMs,
      }),
    );
    await this.#options.deadLetters.keep(letters);
  }
}
