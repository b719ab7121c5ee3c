import { execFile } from 'node:child_process';
import { cpus, loadavg } from 'node:os';
import { promisify } from 'node:util';

import { type PerEngine } from './engine-usage.ts';
import { type Stretch } from './measure.ts';

/** Speed and cost of a {@link Stretch}. */
export interface Rates {
  readonly records: number;
  readonly seconds: number;
  readonly eventsPerSecond: number;
  /** CPU-seconds per million records; `service` is the process measured. */
  readonly cpuSecondsPerMillion: PerEngine<number> & { readonly service: number };
}

const MILLION = 1_000_000;

export function ratesOf(stretch: Stretch): Rates {
  const { records, seconds, engineCpuSeconds: engines } = stretch;
  const perMillion = (cpu: number): number => rounded((cpu * MILLION) / records);
  const ofEngine = (cpu: number | null): number | null => (cpu === null ? null : perMillion(cpu));
  return {
    records,
    seconds: rounded(seconds),
    eventsPerSecond: Math.round(records / seconds),
    cpuSecondsPerMillion: {
      service: perMillion(stretch.cpuSeconds),
      broker: ofEngine(engines.broker),
      redis: ofEngine(engines.redis),
      clickhouse: ofEngine(engines.clickhouse),
    },
  };
}

/** Where and on what a figure was measured; nothing says more about it than that. */
export interface Circumstances {
  readonly date: string;
  readonly commit: string;
  readonly node: string;
  readonly cpu: string;
  readonly cores: number;
  /** Runnable processes of the last minute: above the number of cores, others took CPU too. */
  readonly loadAverage: number;
}

export async function circumstances(nowMs: number): Promise<Circumstances> {
  const processors = cpus();
  return {
    date: new Date(nowMs).toISOString(),
    commit: await commit(),
    node: process.version,
    cpu: processors[0]?.model ?? 'unknown',
    cores: processors.length,
    loadAverage: rounded(loadavg()[0] ?? 0),
  };
}

/** The commit that is checked out, with a mark when files differ from it. */
async function commit(): Promise<string> {
  const described = promisify(execFile)('git', ['describe', '--always', '--dirty'], {
    cwd: import.meta.dirname,
  });
  return described.then(
    ({ stdout }) => stdout.trim(),
    () => 'unknown',
  );
}

/** To hundredths. */
export function rounded(value: number): number {
  return Math.round(value * 100) / 100;
}
