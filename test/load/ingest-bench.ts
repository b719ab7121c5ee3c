import { type EngineConfig } from '@kpi/runtime';
import { z } from 'zod';

import { type Pipeline, createPipeline } from '../support/pipeline.ts';
import { readOnly } from './baseline.ts';
import { type BenchContext, COMMON_OPTIONS, atLeastOne, defineBench } from './define-bench.ts';
import { type PerEngine, engineCpuSeconds, engineProcesses, increase } from './engine-usage.ts';
import { readHotFunctions } from './hot-functions.ts';
import { type LoadPlan, type LoadResult } from './load-plan.ts';
import { prepareLoad } from './load-process.ts';
import { cpuSecondsOf, peakBytesOf } from './process-usage.ts';
import { newProfileDir } from './profile-dir.ts';
import { type Percentiles } from './percentiles.ts';
import { circumstances, ratesOf, rounded } from './report.ts';
import { type ServiceProcess, startService } from './service-process.ts';

const OPTIONS = z.object({
  events: atLeastOne(500_000, 'events sent in batches'),
  batch: atLeastOne(100, 'events of a batch'),
  connections: atLeastOne(16, 'clients that send batches'),
  requests: atLeastOne(60_000, 'requests of one event'),
  'single-connections': atLeastOne(64, 'clients that send one event at a time'),
  ...COMMON_OPTIONS,
});

/** Each kind of request is sent first, unmeasured, for this share of its events: the code of a new process is slow. */
const WARM_UP_SHARE = 0.1;
const PARTITIONS = 8;
const HOT_FUNCTIONS = 20;
const MIB = 1_048_576;

/** What one kind of request took. */
interface Phase {
  readonly requests: number;
  readonly events: number;
  readonly seconds: number;
  readonly eventsPerSecond: number;
  readonly requestsPerSecond: number;
  /** Cores that the service kept busy: below 1 when the machine gave it less, or the clients asked for less. */
  readonly coresUsed: number;
  readonly latencyMs: Percentiles;
  readonly cpuSecondsPerMillion: PerEngine<number> & {
    readonly service: number;
    readonly loadGenerator: number;
  };
}

interface Stage {
  readonly url: string;
  readonly service: ServiceProcess;
  readonly config: EngineConfig;
}

export const ingestBench = defineBench({
  summary: 'HTTP clients to a broker that acknowledges: batches, then single events',
  options: OPTIONS,
  async run(settings, context) {
    const measuredOn = await circumstances(context.nowMs);
    const pipeline = await createPipeline(PARTITIONS);
    const profileDir = await newProfileDir(settings['cpu-prof']);
    const service = startService({
      service: 'ingest',
      environment: { ...pipeline.environment, KPI_HTTP_PORT: '0' },
      ...(profileDir !== undefined && { profileDir }),
    });
    try {
      const stage: Stage = { url: await service.url(), service, config: pipeline.config };
      const plans = plansOf(stage.url, settings, context);
      const batches = await measurePhase(stage, plans.batches, context);
      const single = await measurePhase(stage, plans.single, context);
      const peakMiB = Math.round((await peakBytesOf(service.pid)) / MIB);
      await service.stop();
      const accepted = batches.sent + single.sent;
      const records = await recordsOf(pipeline);
      context.onProgress('baseline: only reading');
      const reading = await readOnly(records, pipeline.environment);
      const report = {
        service: 'ingest',
        circumstances: measuredOn,
        settings,
        batches: batches.phase,
        single: single.phase,
        peakMiB,
        baseline: {
          eventsPerSecond: Math.round(reading.records / reading.seconds),
          cpuSecondsPerMillion: rounded((reading.cpuSeconds * 1e6) / reading.records),
        },
        result: {
          isRight: records === accepted,
          compared: `${records} records in Kafka with ${accepted} events that were accepted`,
        },
        ...(profileDir !== undefined && {
          hotFunctions: await readHotFunctions(profileDir, HOT_FUNCTIONS),
        }),
      };
      return { report, isRight: report.result.isRight };
    } finally {
      await service.stop();
      await pipeline.close();
    }
  },
});

type Settings = z.infer<typeof OPTIONS>;

function plansOf(
  url: string,
  settings: Settings,
  { nowMs }: BenchContext,
): Readonly<Record<'batches' | 'single', LoadPlan>> {
  const { seed, accounts, events, batch, connections, requests } = settings;
  const common = { url, seed, accounts, endMs: nowMs };
  return {
    batches: { ...common, events, eventsPerRequest: batch, connections },
    single: {
      ...common,
      events: requests,
      eventsPerRequest: 1,
      connections: settings['single-connections'],
    },
  };
}

async function measurePhase(
  { service, config }: Stage,
  plan: LoadPlan,
  { onProgress }: BenchContext,
): Promise<{ readonly phase: Phase; readonly sent: number }> {
  const what = `${plan.events} events in requests of ${plan.eventsPerRequest}`;
  onProgress(`warming up: ${what}`);
  const warmUp = await send({ ...plan, events: Math.ceil(plan.events * WARM_UP_SHARE) });
  const load = await prepareLoad(plan);
  onProgress(`sending ${what}`);
  const pids = await engineProcesses(config);
  const sample = async () => ({
    service: await cpuSecondsOf(service.pid),
    engines: await engineCpuSeconds(pids),
  });
  const before = await sample();
  const result = await load.run();
  const after = await sample();
  service.assertRuns();
  return {
    phase: phaseOf(result, {
      service: after.service - before.service,
      engines: increase(before.engines, after.engines),
    }),
    sent: warmUp.accepted + acceptedOf(result),
  };
}

async function send(plan: LoadPlan): Promise<LoadResult> {
  const load = await prepareLoad(plan);
  return load.run();
}

/** Events that were accepted, all of them: a refusal makes the figures those of another workload. */
function acceptedOf({ accepted, rejected, refused }: LoadResult): number {
  if (rejected > 0 || Object.keys(refused).length > 0)
    throw new Error(`${rejected} events refused, and requests: ${JSON.stringify(refused)}`);
  return accepted;
}

function phaseOf(
  result: LoadResult,
  cpu: { readonly service: number; readonly engines: PerEngine<number> },
): Phase {
  const { requests, accepted, seconds, latencyMs, cpuSeconds } = result;
  const { eventsPerSecond, cpuSecondsPerMillion } = ratesOf({
    records: accepted,
    seconds,
    cpuSeconds: cpu.service,
    engineCpuSeconds: cpu.engines,
  });
  return {
    requests,
    events: accepted,
    seconds: rounded(seconds),
    eventsPerSecond,
    requestsPerSecond: Math.round(requests / seconds),
    coresUsed: rounded(cpu.service / seconds),
    latencyMs,
    cpuSecondsPerMillion: {
      ...cpuSecondsPerMillion,
      loadGenerator: rounded((cpuSeconds * 1e6) / accepted),
    },
  };
}

/** Records in the input topics, by their offsets. */
async function recordsOf({ kafka, topics }: Pipeline): Promise<number> {
  const admin = kafka.admin();
  await admin.connect();
  try {
    const offsets = await Promise.all(topics.input.map((topic) => admin.fetchTopicOffsets(topic)));
    return offsets.flat().reduce((sum, { low, high }) => sum + Number(high) - Number(low), 0);
  } finally {
    await admin.disconnect();
  }
}
