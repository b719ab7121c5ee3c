import { createHistory } from '@kpi/clickhouse';
import { z } from 'zod';

import { type Pipeline, createPipeline } from '../support/pipeline.ts';
import { readOnly } from './baseline.ts';
import { type Correctness, checkHistory, checkLive } from './correctness.ts';
import { type Bench, COMMON_OPTIONS, atLeastOne, defineBench } from './define-bench.ts';
import { type HotFunction, readHotFunctions } from './hot-functions.ts';
import { measure } from './measure.ts';
import { newProfileDir } from './profile-dir.ts';
import { type LogService, followProgress } from './progress.ts';
import { redisBytes, sharedRedisBytes } from './redis-usage.ts';
import { type Circumstances, type Rates, circumstances, ratesOf, rounded } from './report.ts';
import { startService } from './service-process.ts';
import { workload } from './workload.ts';
import { type WrittenLog, writeLog } from './write-log.ts';

interface LogBenchOptions {
  readonly service: LogService;
  readonly events: number;
  readonly accounts: number;
  readonly seed: number;
  /** When the workload ends, ms; live values are about now. */
  readonly nowMs: number;
  /** Folder for a CPU profile of the service; none is taken without. */
  readonly profileDir?: string;
  readonly onProgress: (line: string) => void;
}

interface LogBenchReport {
  readonly service: LogService;
  readonly circumstances: Circumstances;
  readonly workload: {
    readonly seed: number;
    readonly records: number;
    readonly accounts: number;
    /** Average bytes of a value in Kafka. */
    readonly valueBytes: number;
    readonly writtenPerSecond: number;
  };
  /** From the claim of the first partition on: the figures to compare. */
  readonly running: Rates;
  /** From the start of the process on. */
  readonly whole: Rates;
  readonly firstProgressSeconds: number;
  readonly peakMiB: number;
  readonly redis: {
    readonly grownBytes: number;
    /** Of it, kept for no single account. */
    readonly sharedBytes: number;
    readonly bytesPerAccount: number;
  };
  /** A kafkajs consumer that only reads the same log, right after. */
  readonly baseline: { readonly eventsPerSecond: number; readonly cpuSecondsPerMillion: number };
  readonly result: Correctness;
  readonly hotFunctions?: readonly HotFunction[];
}

const SUMMARIES: Readonly<Record<LogService, string>> = {
  aggregate: 'a log of events into Redis; every live value is held against a recount of the log',
  archive: 'a log of events into ClickHouse; rows are counted',
};
const PARTITIONS = 8;
const HOT_FUNCTIONS = 20;
const MIB = 1_048_576;

/** A bench of a service that reads the log of events. */
export function logBench(service: LogService): Bench {
  return defineBench({
    summary: SUMMARIES[service],
    options: z.object({ events: atLeastOne(2_000_000, 'records to write'), ...COMMON_OPTIONS }),
    async run({ 'cpu-prof': parent, ...settings }, context) {
      const profileDir = await newProfileDir(parent);
      const report = await runLogBench({
        service,
        ...settings,
        ...context,
        ...(profileDir !== undefined && { profileDir }),
      });
      return { report, isRight: report.result.isRight };
    },
  });
}

/** Write a log, measure one service on it, read it with nothing but kafkajs, and check what the service made of it. */
async function runLogBench(options: LogBenchOptions): Promise<LogBenchReport> {
  const measuredOn = await circumstances(options.nowMs);
  const pipeline = await createPipeline(PARTITIONS);
  const history = createHistory(pipeline.config, pipeline.log);
  try {
    await history.migrate();
    const written = await writeWorkload(pipeline, options);
    const measured = await measureService(pipeline, options, written);
    options.onProgress('baseline: only reading');
    const reading = await readOnly(written.records, pipeline.environment);
    options.onProgress('checking the result');
    const result =
      options.service === 'aggregate'
        ? await checkLive(pipeline, written.records)
        : await checkHistory(history, written.records);
    const { profileDir } = options;
    return {
      service: options.service,
      circumstances: measuredOn,
      workload: {
        seed: options.seed,
        records: written.records,
        accounts: written.accounts,
        valueBytes: rounded(written.valueBytes / written.records),
        writtenPerSecond: Math.round(written.records / written.seconds),
      },
      ...measured,
      baseline: {
        eventsPerSecond: Math.round(reading.records / reading.seconds),
        cpuSecondsPerMillion: rounded((reading.cpuSeconds * 1e6) / reading.records),
      },
      result,
      ...(profileDir !== undefined && {
        hotFunctions: await readHotFunctions(profileDir, HOT_FUNCTIONS),
      }),
    };
  } finally {
    await history.close();
    await pipeline.close();
  }
}

function writeWorkload(pipeline: Pipeline, options: LogBenchOptions): Promise<WrittenLog> {
  const { seed, events, accounts, nowMs } = options;
  const say = everySoOften(options, `of ${events} events written`);
  return writeLog(pipeline, workload({ seed, events, accounts, endMs: nowMs }), say);
}

async function measureService(pipeline: Pipeline, options: LogBenchOptions, written: WrittenLog) {
  const { redis, config, environment } = pipeline;
  const { service, profileDir } = options;
  const bytesBefore = await redisBytes(redis);
  const progress = await followProgress(service, pipeline);
  try {
    const { whole, running, firstProgressSeconds, peakBytes } = await measure({
      pipeline,
      progress,
      records: written.records,
      start: () => [
        startService({ service, environment, ...(profileDir !== undefined && { profileDir }) }),
      ],
      onProgress: everySoOften(options, `of ${written.records} records applied`),
    });
    const grownBytes = (await redisBytes(redis)) - bytesBefore;
    const sharedBytes = await sharedRedisBytes(redis, config.KPI_REDIS_PREFIX);
    return {
      running: ratesOf(running),
      whole: ratesOf(whole),
      firstProgressSeconds: rounded(firstProgressSeconds),
      peakMiB: Math.round(peakBytes / MIB),
      redis: {
        grownBytes,
        sharedBytes,
        bytesPerAccount: Math.round((grownBytes - sharedBytes) / written.accounts),
      },
    };
  } finally {
    await progress.close();
  }
}

const SAY_EVERY_MS = 2_000;

function everySoOften({ onProgress }: LogBenchOptions, what: string): (count: number) => void {
  let saidAt = -Infinity;
  return (count) => {
    if (performance.now() - saidAt < SAY_EVERY_MS) return;
    saidAt = performance.now();
    onProgress(`${count} ${what}`);
  };
}
