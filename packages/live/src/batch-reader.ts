import { setImmediate } from 'node:timers/promises';

import {
  type Definitions,
  type EventType,
  Fault,
  type PlacedFact,
  isActivityCounted,
  isCounted,
  isCountedFor,
  parseHomeKey,
  withoutErased,
} from '@kpi/core';
import {
  type DeadLetterSink,
  type EventDecoder,
  type LogBatch,
  type RefusedRecord,
  type WantedEvents,
  keepRefused,
} from '@kpi/kafka';
import { type ErasedSubjects } from '@kpi/redis';
import { type Clock } from '@kpi/runtime';

import { type PlacedEvent, addFacts } from './batch-plan.ts';
import { type Told, readTold } from './facts-log.ts';
import { type LateEvents, LateTally } from './late-events.ts';
import { type DecodedBatch } from './partition-worker.ts';
import { SourceTally } from './source-tally.ts';

export interface BatchReaderOptions {
  readonly decoder: EventDecoder;
  readonly deadLetters: DeadLetterSink;
  readonly clock: Clock;
  readonly definitionsOf: (tenantId: string) => Definitions;
  /** Full name of the topic of facts, whose records are no events. */
  readonly factsTopic: string;
  /** That of the live store for which batches are read; what is said in another one is passed over. */
  readonly generation: number;
  /** Events that name one of them are counted as records, and say nothing. */
  readonly erased: Pick<ErasedSubjects, 'refresh' | 'refreshWhenDue' | 'isErased' | 'isNamedBy'>;
}

/** Records that are read without a pause: others must be served while a long batch is. */
const RECORDS_AT_ONCE = 10_000;

/** A batch that was read, and what its events say about time. */
export interface ReadBatch extends DecodedBatch {
  readonly late: LateEvents;
}

/**
 * The events of a batch; records that are none are in the dead letters before this answers. Events that no KPI reads
 * are only counted: they tell that their source is alive.
 * Throws `registry_unreachable`, `broker_unreachable`, `store_unreachable`: the batch may be read again.
 */
export async function readBatch(batch: LogBatch, options: BatchReaderOptions): Promise<ReadBatch> {
  await options.erased.refreshWhenDue();
  if (batch.topic === options.factsTopic) return readFacts(batch, options);
  const { erased } = options;
  const events: PlacedEvent[] = [];
  const refused: RefusedRecord[] = [];
  const late = new LateTally(options.definitionsOf);
  const sources = new SourceTally();
  const wanted = wantedBy(options);
  for (const [index, record] of batch.records.entries()) {
    if (index % RECORDS_AT_ONCE === RECORDS_AT_ONCE - 1) await setImmediate();
    const answer = options.decoder.decodeRead(record, wanted);
    const decoded = answer instanceof Promise ? await answer : answer;
    if (decoded instanceof Fault) {
      refused.push({ record, fault: decoded });
      continue;
    }
    const seen = 'glance' in decoded ? decoded.glance : decoded.event;
    sources.add(seen);
    late.add(seen, record.timestampMs);
    if ('event' in decoded && !erased.isNamedBy(decoded.event))
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

/** What homes told each other. Nobody waits for a record of it, so none is late or early. */
async function readFacts(
  batch: LogBatch,
  { deadLetters, clock, definitionsOf, erased, generation }: BatchReaderOptions,
): Promise<ReadBatch> {
  const refused: RefusedRecord[] = [];
  const heard: Told[] = [];
  for (const record of batch.records) {
    const answer = readTold(record);
    if (answer instanceof Fault) refused.push({ record, fault: answer });
    else if (answer.generation === null || answer.generation === generation) heard.push(answer);
  }
  const stale = new Set(heard.flatMap((one) => one.stale));
  // What is read again must not hold anybody who is to be forgotten by then.
  if (stale.size > 0) await erased.refresh();
  const told = new Map<string, PlacedFact[]>();
  for (const { to, facts } of heard.flatMap(({ dispatches }) => dispatches))
    addFacts(told, to, withoutErased(facts, parseHomeKey(to), erased.isErased));
  await keepRefused(deadLetters, batch, { refused, refusedAtMs: clock() });
  return {
    topic: batch.topic,
    next: batch.nextOffset,
    events: [],
    told,
    stale,
    records: 0,
    refused: refused.length,
    sources: new Map(),
    late: new LateTally(definitionsOf),
  };
}

function wantedBy({ definitionsOf }: BatchReaderOptions): WantedEvents {
  return {
    isRead: (eventType) => eventType !== ACTIVITY && isCounted(eventType),
    isGlanceRead: ({ tenant_id: tenantId, event_type: eventType, activity }) => {
      const definitions = definitionsOf(tenantId);
      return activity === undefined
        ? isCountedFor(eventType, definitions)
        : isActivityCounted(activity, definitions);
    },
  };
}

/** Nearly all events are of this type, and most of them count nowhere. */
const ACTIVITY: EventType = 'product.action_performed';
