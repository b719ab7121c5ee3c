import { setTimeout as wait } from 'node:timers/promises';

import { type RunningEngines, type Scratch, createScratch, startEngines } from '@kpi/engines';
import { SchemaRegistry, createEventDecoder } from '@kpi/kafka';
import { Fault } from '@kpi/core';
import { systemClock } from '@kpi/runtime';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { listenerOf, residentBytesOf } from '../load/process-usage.ts';
import { type ServiceProcess, startService } from '../load/service-process.ts';
import { type WorkloadOptions, workload } from '../load/workload.ts';
import { type Pipeline, createPipeline, until } from '../support/pipeline.ts';
import { Sender } from './sender.ts';

const MIB = 1_048_576;
const IN_FLIGHT_BYTES_MAX = 2 * MIB;
/** Twice as many requests at a time as fit into the limit. */
const SENDERS = 160;
const EVENTS_PER_REQUEST = 50;
/** Longer than two deadlines of the producer. */
const PAUSED_MS = 12_000;
const SAMPLE_MS = 250;
/** Far above what the limit stands for with all its copies, far below what {@link SENDERS} would take without one for long. */
const GROWTH_BYTES_MAX = 160 * MIB;
const DRAINED_MS_MAX = 90_000;
const READ_MS_MAX = 60_000;

let scratch: Scratch;
let engines: RunningEngines;
let pipeline: Pipeline;
let ingest: ServiceProcess;
let url: string;

beforeAll(async () => {
  scratch = await createScratch();
  engines = await startEngines({
    dataDir: scratch.path,
    environment: { ...process.env, KPI_KAFKA_BROKERS: '' },
  });
  pipeline = await createPipeline(4, { KPI_KAFKA_BROKERS: engines.urls.KPI_KAFKA_BROKERS });
  ingest = startService({
    service: 'ingest',
    environment: {
      ...pipeline.environment,
      KPI_HTTP_PORT: '0',
      KPI_INGEST_IN_FLIGHT_BYTES_MAX: String(IN_FLIGHT_BYTES_MAX),
    },
  });
  url = await ingest.url();
});

afterAll(async () => {
  await ingest.stop();
  await pipeline.close();
  await engines.close();
  await scratch.remove();
});

test('a broker that stands still under load: ingest refuses what does not fit, stays small, and loses no 202', async () => {
  const broker = await listenerOf(Number(engines.urls.KPI_KAFKA_BROKERS.split(':')[1]));
  if (broker === undefined) throw new Error('the broker is not to be seen');
  const senders = Array.from({ length: SENDERS }, (_, seed) => sender(seed));
  const acceptedBy = (): number => senders.filter(({ accepted }) => accepted.size > 0).length;
  await until('everybody has sent something', () => acceptedBy() === SENDERS, DRAINED_MS_MAX);

  const before = await residentBytesOf(ingest.pid);
  process.kill(broker, 'SIGSTOP');
  const samples: { readonly inFlight: number; readonly resident: number }[] = [];
  try {
    for (const end = performance.now() + PAUSED_MS; performance.now() < end;) {
      await wait(SAMPLE_MS);
      samples.push({
        inFlight: await inFlightBytes(),
        resident: await residentBytesOf(ingest.pid),
      });
    }
  } finally {
    process.kill(broker, 'SIGCONT');
  }
  const refusals = senders.flatMap((one) => one.refusals);
  await Promise.all(senders.map((one) => one.stop()));

  expect(Math.max(...samples.map(({ inFlight }) => inFlight))).toBeLessThanOrEqual(
    IN_FLIGHT_BYTES_MAX,
  );
  expect(Math.max(...samples.map(({ resident }) => resident)) - before).toBeLessThan(
    GROWTH_BYTES_MAX,
  );
  expect(new Set(refusals.map(({ status }) => status))).toEqual(new Set([503]));
  expect(new Set(refusals.map(({ code }) => code))).toEqual(
    new Set(['overloaded', 'broker_unreachable']),
  );
  expect(refusals.every(({ retryAfterS }) => retryAfterS > 0)).toBe(true);
  await until('nothing is in flight', async () => (await inFlightBytes()) === 0);
  const accepted = new Set(senders.flatMap((one) => [...one.accepted]));
  await untilLogged(pipeline, accepted);
}, 240_000);

function sender(seed: number): Sender {
  const options: WorkloadOptions = { seed, events: 1e6, endMs: Date.now(), accounts: 100 };
  const events = workload(options);
  return new Sender({
    url,
    tenantId: `tenant-${seed}`,
    eventsPerRequest: EVENTS_PER_REQUEST,
    restMs: 500,
    next() {
      const { value } = events.next();
      if (value === undefined) throw new RangeError('the workload has ended');
      return value;
    },
  });
}

async function inFlightBytes(): Promise<number> {
  const text = await (await fetch(`${url}/metrics`)).text();
  return Number(/^kpi_ingest_in_flight_bytes (\d+)$/m.exec(text)?.[1]);
}

/** Read the log until every one of these ids was seen. */
async function untilLogged(
  { kafka, topics, config }: Pipeline,
  wanted: ReadonlySet<string>,
): Promise<void> {
  const decoder = createEventDecoder({ registry: new SchemaRegistry(config), clock: systemClock });
  const consumer = kafka.consumer({
    groupId: `${config.KPI_TOPIC_PREFIX}ids`,
    maxWaitTimeInMs: 100,
  });
  const seen = new Set<string>();
  await consumer.connect();
  await consumer.subscribe({ topics: [...topics.input], fromBeginning: true });
  await consumer.run({
    eachMessage: async ({ message: { value, timestamp } }) => {
      const decoded = await decoder.decode({ value, timestampMs: Number(timestamp) });
      if (decoded instanceof Fault) throw decoded;
      seen.add(decoded.event.event_id);
    },
  });
  const isComplete = (): boolean => [...wanted].every((id) => seen.has(id));
  await until('all accepted events are read', isComplete, READ_MS_MAX);
  await consumer.disconnect();
}
