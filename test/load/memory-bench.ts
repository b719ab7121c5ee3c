import { createHistory } from '@kpi/clickhouse';
import { archivedOffsets } from '@kpi/redis';
import { pause } from '@kpi/runtime';
import { z } from 'zod';

import { logEnds } from '../faults/audit.ts';
import { type Pipeline, createPipeline, until } from '../support/pipeline.ts';
import { checkHistory, checkLive } from './correctness.ts';
import { type BenchContext, COMMON_OPTIONS, atLeastOne, defineBench } from './define-bench.ts';
import { engineProcesses } from './engine-usage.ts';
import { type LoadGenerator, prepareLoad } from './load-process.ts';
import { type MemoryRow, type MemorySample, memoryRows, memoryTable } from './memory-table.ts';
import { residentBytesOf } from './process-usage.ts';
import { circumstances } from './report.ts';
import { type ServiceProcess, startService } from './service-process.ts';

const { accounts, seed } = COMMON_OPTIONS;
const OPTIONS = z.object({
  minutes: atLeastOne(10, 'how long events are sent and memory is watched'),
  rate: atLeastOne(5_000, 'events per second, in batches of 100, over HTTP'),
  'clickhouse-pause': z.coerce
    .number()
    .min(0)
    .default(120)
    .describe('seconds for which ClickHouse stands still, from a third of the time on'),
  'redis-pause': z.coerce
    .number()
    .min(0)
    .default(30)
    .describe('seconds for which Redis stands still, from four fifths of the time on'),
  accounts,
  seed,
});

type Settings = z.infer<typeof OPTIONS>;

const SERVICES = ['ingest', 'aggregate', 'archive'] as const;
const PARTITIONS = 8;
const SAMPLE_MS = 1_000;
const MINUTE_MS = 60_000;
const SECONDS_PER_MINUTE = 60;
const EVENTS_PER_REQUEST = 100;
const CONNECTIONS = 8;
const MIB = 1_048_576;
/** What was held up for minutes is worked off within minutes. */
const CATCH_UP_MS = 600_000;

/** Memory of every process at load, while stores stand still for a time; in the end everything must be there, once. */
export const memoryBench = defineBench({
  summary: 'memory of each process over minutes at load, with ClickHouse and Redis paused for some',
  options: OPTIONS,
  async run(settings, context) {
    const measuredOn = await circumstances(context.nowMs);
    const pipeline = await createPipeline(PARTITIONS);
    const history = createHistory(pipeline.config, pipeline.log);
    const running: ServiceProcess[] = [];
    try {
      await history.migrate();
      const environment = { ...pipeline.environment, KPI_HTTP_PORT: '0' };
      for (const service of SERVICES) running.push(startService({ service, environment }));
      const rows = await watch(running, { pipeline, settings, context });
      for (const line of memoryTable(rows)) context.onProgress(line);
      await untilCaughtUp(pipeline);
      const records = [...(await logEnds(pipeline)).values()].reduce((sum, end) => sum + end, 0);
      const live = await checkLive(pipeline, records);
      const stored = await checkHistory(history, records);
      const report = { circumstances: measuredOn, settings, records, memory: rows, live, stored };
      return { report, isRight: live.isRight && stored.isRight && records > 0 };
    } finally {
      await Promise.all(running.map((service) => service.stop()));
      await history.close();
      await pipeline.close();
    }
  },
});

interface WatchOptions {
  readonly pipeline: Pipeline;
  readonly settings: Settings;
  readonly context: BenchContext;
}

/** Send events, pause the stores, and take a sample of every process each second. */
async function watch(
  services: readonly ServiceProcess[],
  options: WatchOptions,
): Promise<readonly MemoryRow[]> {
  const { settings, pipeline } = options;
  const [ingest] = services;
  if (ingest === undefined) throw new RangeError('ingest is the first service');
  const engines = await engineProcesses(pipeline.config);
  const processes = [
    ...services.map(({ pid }, index) => [SERVICES[index] ?? '', pid] as const),
    ...Object.entries(engines).flatMap(([name, pids]) =>
      (pids ?? []).map((pid) => [name, pid] as const),
    ),
  ];
  const lengthMs = settings.minutes * MINUTE_MS;
  const url = await ingest.url();
  const ended = new AbortController();
  const pauses = [
    standStill(engines.clickhouse, {
      fromMs: lengthMs / 3,
      seconds: settings['clickhouse-pause'],
      signal: ended.signal,
    }),
    standStill(engines.redis, {
      fromMs: (lengthMs * 4) / 5,
      seconds: settings['redis-pause'],
      signal: ended.signal,
    }),
  ];
  const sampling = sample(processes, services, ended.signal);
  try {
    await sendByMinute(url, options);
  } finally {
    ended.abort();
    await Promise.all(pauses);
  }
  return memoryRows(await sampling);
}

/** A generator per minute, so that none holds more than that; the next makes its requests while one sends. */
async function sendByMinute(url: string, { settings, context }: WatchOptions): Promise<void> {
  const prepare = (minute: number): Promise<LoadGenerator> =>
    prepareLoad({
      url,
      seed: settings.seed + minute,
      accounts: settings.accounts,
      endMs: context.nowMs,
      events: settings.rate * SECONDS_PER_MINUTE,
      eventsPerRequest: EVENTS_PER_REQUEST,
      connections: CONNECTIONS,
      eventsPerSecond: settings.rate,
    });
  let next = prepare(1);
  for (let minute = 1; minute <= settings.minutes; minute += 1) {
    const load = await next;
    if (minute < settings.minutes) next = prepare(minute + 1);
    const { accepted, refused, seconds } = await load.run();
    context.onProgress(`minute ${minute}: ${JSON.stringify({ accepted, refused, seconds })}`);
  }
}

async function sample(
  processes: readonly (readonly [name: string, pid: number])[],
  services: readonly ServiceProcess[],
  signal: AbortSignal,
): Promise<readonly MemorySample[]> {
  const samples: MemorySample[] = [];
  const begun = performance.now();
  while (!signal.aborted) {
    for (const service of services) service.assertRuns();
    const minute = Math.floor((performance.now() - begun) / MINUTE_MS) + 1;
    for (const [name, pid] of processes)
      samples.push({ name, minute, mib: (await residentBytesOf(pid)) / MIB });
    await pause(SAMPLE_MS, signal);
  }
  return samples;
}

/** SIGSTOP to the processes of an engine for a while. They are woken whatever happens. */
async function standStill(
  pids: readonly number[] | null,
  { fromMs, seconds, signal }: { fromMs: number; seconds: number; signal: AbortSignal },
): Promise<void> {
  if (seconds === 0) return;
  if (pids === null) throw new RangeError('an engine of another machine cannot be paused');
  await pause(fromMs, signal);
  if (signal.aborted) return;
  for (const pid of pids) process.kill(pid, 'SIGSTOP');
  try {
    await pause(seconds * 1_000, signal);
  } finally {
    for (const pid of pids) process.kill(pid, 'SIGCONT');
  }
}

async function untilCaughtUp(pipeline: Pipeline): Promise<void> {
  const view = pipeline.view();
  await until(
    'both stores have everything that is in the log',
    async () => {
      await view.reload();
      const [live, archived] = [
        view.bound(),
        await archivedOffsets(pipeline.redis, pipeline.config),
      ];
      return [...(await logEnds(pipeline))].every(
        ([place, end]) => live[place] === end && archived.get(place) === end,
      );
    },
    CATCH_UP_MS,
  );
}
