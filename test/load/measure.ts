import { pause } from '@kpi/runtime';

import { type Pipeline } from '../support/pipeline.ts';
import {
  type PerEngine,
  engineCpuSeconds,
  engineProcesses,
  increase,
  totalCpuSeconds,
} from './engine-usage.ts';
import { peakBytesOf } from './process-usage.ts';
import { type ServiceProgress } from './progress.ts';
import { type ServiceProcess } from './service-process.ts';

/** Records and what they took, of the service itself and of each engine. */
export interface Stretch {
  readonly records: number;
  readonly seconds: number;
  readonly cpuSeconds: number;
  readonly engineCpuSeconds: PerEngine<number>;
}

export interface Measurement {
  /** From the start of the process: modules, connections and group included. */
  readonly whole: Stretch;
  /** From the claim of the first partition: everything that is done for the records, and the warming up of the code. */
  readonly running: Stretch;
  /** From the start of the process to the first records applied. */
  readonly firstProgressSeconds: number;
  /** Of the largest process. */
  readonly peakBytes: number;
}

export interface MeasureOptions {
  readonly pipeline: Pipeline;
  /** Processes that share the work. */
  readonly start: () => readonly ServiceProcess[];
  readonly progress: ServiceProgress;
  readonly records: number;
  readonly onProgress: (records: number) => void;
}

interface Sample {
  readonly at: number;
  readonly records: number;
  readonly cpuSeconds: number;
  readonly engines: PerEngine<number>;
}

const POLL_MS = 50;
/** No progress at all for this long is a failure, not slowness. */
const STALL_MS_MAX = 120_000;

/** Start a service, of one process or several, wait until it has applied the whole log, and stop it. */
export async function measure(options: MeasureOptions): Promise<Measurement> {
  const pids = await engineProcesses(options.pipeline.config);
  const begin: Sample = {
    at: performance.now(),
    records: 0,
    cpuSeconds: 0,
    engines: await engineCpuSeconds(pids),
  };
  const services = options.start();
  const sample = async (records: number): Promise<Sample> => ({
    at: performance.now(),
    records,
    cpuSeconds: await totalCpuSeconds(services.map(({ pid }) => pid)),
    engines: await engineCpuSeconds(pids),
  });
  try {
    await claimed(services, options);
    const claim = await sample(0);
    await reached(1, services, options);
    const firstProgressSeconds = (performance.now() - begin.at) / 1_000;
    const end = await sample(await reached(options.records, services, options));
    return {
      whole: between(begin, end),
      running: between(claim, end),
      firstProgressSeconds,
      peakBytes: Math.max(...(await Promise.all(services.map(({ pid }) => peakBytesOf(pid))))),
    };
  } finally {
    await Promise.all(services.map((service) => service.stop()));
  }
}

async function claimed(
  services: readonly ServiceProcess[],
  { progress }: MeasureOptions,
): Promise<void> {
  const begunAt = performance.now();
  while (!(await progress.hasClaimed())) {
    for (const service of services) service.assertRuns();
    if (performance.now() - begunAt > STALL_MS_MAX) throw new Error('no partition was claimed');
    await pause(POLL_MS);
  }
}

/** Wait until at least `wanted` records are applied; answers how many are. */
async function reached(
  wanted: number,
  services: readonly ServiceProcess[],
  { progress, onProgress }: MeasureOptions,
): Promise<number> {
  let [records, changedAt] = [0, performance.now()];
  for (;;) {
    const now = await progress.records();
    if (now !== records) [records, changedAt] = [now, performance.now()];
    onProgress(records);
    if (records >= wanted) return records;
    for (const service of services) service.assertRuns();
    if (performance.now() - changedAt > STALL_MS_MAX)
      throw new Error(`no progress after ${records} of ${wanted} records`);
    await pause(POLL_MS);
  }
}

function between(from: Sample, to: Sample): Stretch {
  return {
    records: to.records - from.records,
    seconds: (to.at - from.at) / 1_000,
    cpuSeconds: to.cpuSeconds - from.cpuSeconds,
    engineCpuSeconds: increase(from.engines, to.engines),
  };
}
