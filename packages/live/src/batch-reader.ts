import { type Definitions, Fault, isActivityCounted, isCounted } from '@kpi/core';
import {
  type DeadLetterSink,
  type EventDecoder,
  type LogBatch,
  type RefusedRecord,
  type WantedEvents,
  keepRefused,
} from '@kpi/kafka';
import { type Clock } from '@kpi/runtime';

import { type PlacedEvent } from './batch-plan.ts';
import { type LateEvents, LateTally } from './late-events.ts';
import { type DecodedBatch } from './partition-worker.ts';
import { SourceTally } from './source-tally.ts';

export interface BatchReaderOptions {
  readonly decoder: EventDecoder;
  readonly deadLetters: DeadLetterSink;
  readonly clock: Clock;
  readonly definitionsOf: (tenantId: string) => Definitions;
}

/** A batch that was read, and what its events say about time. */
export interface ReadBatch extends DecodedBatch {
  readonly late: LateEvents;
}

/**
 * The events of a batch; records that are none are in the dead letters before this answers. Events that no KPI reads
 * are only counted: they tell that their source is alive.
 * Throws `registry_unreachable`, `broker_unreachable`: the batch may be read again.
 */
export async function readBatch(batch: LogBatch, options: BatchReaderOptions): Promise<ReadBatch> {
  const events: PlacedEvent[] = [];
  const refused: RefusedRecord[] = [];
  const late = new LateTally();
  const sources = new SourceTally();
  const wanted = wantedBy(options);
  for (const record of batch.records) {
    const answer = options.decoder.decodeRead(record, wanted);
    const decoded = answer instanceof Promise ? await answer : answer;
    if (decoded instanceof Fault) {
      refused.push({ record, fault: decoded });
      continue;
    }
    const seen = 'glance' in decoded ? decoded.glance : decoded.event;
    sources.add(seen);
    late.add(seen.event_type, seen.occurred_at, record.timestampMs);
    if ('event' in decoded)
      events.push({ key: record.key, offset: record.offset, event: decoded.event });
  }
  await keepRefused(options.deadLetters, batch, { refused, refusedAtMs: options.clock() });
  return {
    topic: batch.topic,
    next: batch.nextOffset,
    events,
    records: batch.records.length - refused.length,
    refused: refused.length,
    sources: sources.latest,
    arrivedAt: batch.records[0]?.timestampMs,
    late,
  };
}

function wantedBy({ definitionsOf }: BatchReaderOptions): WantedEvents {
  return {
    isRead: isCounted,
    isActivityRead: ({ tenant_id: tenantId, activity }) =>
      activity === undefined || isActivityCounted(activity, definitionsOf(tenantId)),
  };
}
