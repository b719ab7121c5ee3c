import { createHistory } from '@kpi/clickhouse';
import { z } from 'zod';

import { type Pipeline, createPipeline } from '../support/pipeline.ts';
import { type ScratchEngines, openEngines } from '../support/start-engines.ts';
import { checkHistory, checkLive } from './correctness.ts';
import { type BenchContext, atLeastOne, defineBench } from './define-bench.ts';
import { measure } from './measure.ts';
import { followProgress } from './progress.ts';
import { circumstances, ratesOf, rounded } from './report.ts';
import {
  SCALE_TABLE_HEAD,
  type ScaleCase,
  type ScaleResult,
  scaleTableRow,
} from './scale-table.ts';
import { startService } from './service-process.ts';
import { workload } from './workload.ts';
import { writeLog } from './write-log.ts';

/** Engines beyond one broker and one Redis server. */
const TOPOLOGIES = {
  plain: {},
  redis: { redis: 'cluster' },
  brokers: { brokers: 3 },
  both: { redis: 'cluster', brokers: 3 },
} as const satisfies Record<ScaleCase['topology'], unknown>;

type Topology = ScaleCase['topology'];

const PARTITIONS = 8;
const MIB = 1_048_576;
/** Of the cases that vary something else. */
const ACCOUNTS = 50_000;
const numbers = (byDefault: string, description: string) =>
  z
    .string()
    .default(byDefault)
    .transform((text, context) => {
      const parsed = text === '' ? [] : text.split(',').map(Number);
      if (parsed.every((one) => Number.isInteger(one) && one > 0)) return parsed;
      context.addIssue({ code: 'custom', message: 'whole numbers, comma-separated' });
      return z.NEVER;
    })
    .describe(description);

const OPTIONS = z.object({
  events: atLeastOne(1_000_000, 'records to write for each case'),
  seed: z.coerce.number().int().min(0).default(1).describe('of the workload'),
  workers: numbers('1,2,4', 'processes of aggregate, a case each; empty for none'),
  archivers: numbers('1,2', 'processes of archive, a case each; empty for none'),
  accounts: numbers(
    '1000,10000,100000,1000000',
    'accounts for one process of aggregate, a case each',
  ),
  topologies: z
    .string()
    .default('redis,brokers,both')
    .transform((text) => (text === '' ? [] : text.split(',')))
    .pipe(z.array(z.enum(['redis', 'brokers', 'both'])))
    .describe(
      'two processes of aggregate on a Redis Cluster, on three brokers, on both; a case each',
    ),
});

/** What changes with more processes, more accounts and engines of several nodes. */
export const scaleBench = defineBench({
  summary: 'more processes, more accounts, engines of several nodes: the cost per event of each',
  options: OPTIONS,
  async run(settings, context) {
    const results: ScaleResult[] = [];
    const measuredOn = await circumstances(context.nowMs);
    for (const one of casesOf(settings)) {
      results.push(await runCase(one, settings, context));
      for (const line of [SCALE_TABLE_HEAD, ...results.map(scaleTableRow)])
        context.onProgress(line);
    }
    const report = { circumstances: measuredOn, events: settings.events, cases: results };
    return { report, isRight: results.every(({ isRight }) => isRight) };
  },
});

function casesOf(settings: z.infer<typeof OPTIONS>): readonly ScaleCase[] {
  const aggregate = { service: 'aggregate', processes: 1, accounts: ACCOUNTS } as const;
  return [
    ...settings.workers.map((processes) => ({
      ...aggregate,
      processes,
      topology: 'plain' as const,
    })),
    ...settings.accounts.map((accounts) => ({
      ...aggregate,
      accounts,
      topology: 'plain' as const,
    })),
    ...settings.topologies.map((topology) => ({ ...aggregate, processes: 2, topology })),
    ...settings.archivers.map((processes) => ({
      service: 'archive' as const,
      processes,
      accounts: ACCOUNTS,
      topology: 'plain' as const,
    })),
  ];
}

async function runCase(
  one: ScaleCase,
  settings: { readonly events: number; readonly seed: number },
  context: BenchContext,
): Promise<ScaleResult> {
  context.onProgress(JSON.stringify(one));
  const engines = await enginesOf(one.topology);
  try {
    const pipeline = await createPipeline(PARTITIONS, { ...engines?.urls });
    try {
      return await measureCase(one, { pipeline, ...settings, ...context });
    } finally {
      await pipeline.close();
    }
  } finally {
    await engines?.close();
  }
}

/** Engines of several nodes; the registry and ClickHouse of the run serve them too. */
async function enginesOf(topology: Topology): Promise<ScratchEngines | undefined> {
  if (topology === 'plain') return undefined;
  const { KPI_REGISTRY_URL, KPI_CLICKHOUSE_URL, KPI_KAFKA_BROKERS, KPI_REDIS_URL } = process.env;
  return openEngines({
    ...TOPOLOGIES[topology],
    environment: {
      KPI_REGISTRY_URL,
      KPI_CLICKHOUSE_URL,
      ...(topology === 'redis' && { KPI_KAFKA_BROKERS }),
      ...(topology === 'brokers' && { KPI_REDIS_URL }),
    },
  });
}

interface CaseOptions extends BenchContext {
  readonly pipeline: Pipeline;
  readonly events: number;
  readonly seed: number;
}

async function measureCase(one: ScaleCase, options: CaseOptions): Promise<ScaleResult> {
  const { pipeline, events, seed, nowMs } = options;
  const { environment } = pipeline;
  const { service, accounts } = one;
  const history = createHistory(pipeline.config, pipeline.log);
  const ignore = (): void => undefined;
  try {
    await history.migrate();
    const { records } = await writeLog(
      pipeline,
      workload({ seed, events, accounts, endMs: nowMs }),
      ignore,
    );
    const progress = await followProgress(service, pipeline);
    const { running, firstProgressSeconds, peakBytes } = await measure({
      pipeline,
      progress,
      records,
      start: () =>
        Array.from({ length: one.processes }, () => startService({ service, environment })),
      onProgress: ignore,
    }).finally(() => progress.close());
    const { isRight } =
      service === 'aggregate'
        ? await checkLive(pipeline, records)
        : await checkHistory(history, records);
    return {
      ...one,
      running: ratesOf(running),
      firstProgressSeconds: rounded(firstProgressSeconds),
      peakMiB: Math.round(peakBytes / MIB),
      isRight,
    };
  } finally {
    await history.close();
  }
}
