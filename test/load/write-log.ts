import { type KpiEvent } from '@kpi/core';
import { createEventProducer, recordKeys } from '@kpi/kafka';

import { type Pipeline } from '../support/pipeline.ts';

/** What lies in the log before a measurement begins. */
export interface WrittenLog {
  readonly records: number;
  /** Of the values, with Confluent's header, without keys. */
  readonly valueBytes: number;
  /** Accounts that some event names. */
  readonly accounts: number;
  readonly seconds: number;
}

const EVENTS_PER_SEND = 5_000;
/** A whole send on a machine that others use too. */
const DEADLINE_MS = 120_000;

/** Write events to Kafka in their order, and say after each send how many there are. */
export async function writeLog(
  { kafka, log, topics, encoder }: Pipeline,
  events: Iterable<KpiEvent>,
  onProgress: (records: number) => void,
): Promise<WrittenLog> {
  const begun = performance.now();
  const producer = createEventProducer({ kafka, log, deadlineMs: DEADLINE_MS });
  const accounts = new Set<string>();
  let records = 0;
  let valueBytes = 0;
  const send = async (batch: readonly KpiEvent[]): Promise<void> => {
    const outgoing = batch.flatMap((event) => {
      if (event.account_id !== null) accounts.add(event.account_id);
      const value = encoder.encode(event);
      const topic = topics.of(event.event_type);
      return recordKeys(event).map((key) => ({ topic, key, value }));
    });
    await producer.send(outgoing);
    records += outgoing.length;
    valueBytes += outgoing.reduce((sum, { value }) => sum + value.length, 0);
    onProgress(records);
  };
  try {
    for (const batch of batches(events)) await send(batch);
  } finally {
    await producer.close();
  }
  const seconds = (performance.now() - begun) / 1_000;
  return { records, valueBytes, accounts: accounts.size, seconds };
}

function* batches(events: Iterable<KpiEvent>): Generator<readonly KpiEvent[], void> {
  let batch: KpiEvent[] = [];
  for (const event of events) {
    batch.push(event);
    if (batch.length < EVENTS_PER_SEND) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}
