import { type Fault, PART } from '@kpi/core';

import { AVRO_CONTENT_TYPE, type DeadLetterSink, deadLetterOf } from './dead-letters.ts';
import { type LogBatch, type LogRecord } from './log-batch.ts';

/** A record that is no event, and why. */
export interface RefusedRecord {
  readonly record: LogRecord;
  readonly fault: Fault;
}

/** Keep records of a batch as dead letters. Several readers of the log may refuse the same record: it is one letter. */
export async function keepRefused(
  sink: DeadLetterSink,
  batch: Pick<LogBatch, 'topic' | 'partition'>,
  what: { readonly refused: readonly RefusedRecord[]; readonly refusedAtMs: number },
): Promise<void> {
  if (what.refused.length === 0) return;
  await sink.keep(
    what.refused.map(({ record, fault }) =>
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
        tenantId: tenantOf(record),
        refusedAtMs: what.refusedAtMs,
      }),
    ),
  );
}

/** The key says whose a record is, when it is one of ours; the value cannot be read. */
function tenantOf({ key }: LogRecord): string | null {
  const [tenantId = '', ...rest] = String(key ?? '').split(PART);
  return rest.length === 0 || tenantId === '' ? null : tenantId;
}
