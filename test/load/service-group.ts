import { type EngineConfig } from '@kpi/runtime';

import { type PerEngine, engineCpuSeconds, engineProcesses, increase } from './engine-usage.ts';
import { cpuSecondsOf, peakBytesOf } from './process-usage.ts';
import { rounded } from './report.ts';
import { type ServiceName, type ServiceProcess, startService } from './service-process.ts';

/** Cores that each process kept busy, of a stretch of time; null is an engine out of sight. */
type CoresUsed = Readonly<Record<string, number | null>>;

/** Services of one pipeline, each a process of its own. */
export interface ServiceGroup {
  urlOf(service: ServiceName): Promise<string>;
  /** Begin to count CPU time; the answer ends it and says what was used meanwhile. */
  meter(): Promise<() => Promise<CoresUsed>>;
  /** The most memory each ever had, MiB. */
  peakMiB(): Promise<Readonly<Record<string, number>>>;
  /** Throws when one of them has ended. */
  assertRun(): void;
  stop(): Promise<void>;
}

export interface ServiceGroupOptions {
  readonly services: readonly ServiceName[];
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly config: EngineConfig;
  /** Which of them to profile, and into which folder. */
  readonly profile?: { readonly service: ServiceName; readonly dir: string };
}

const MIB = 1_048_576;

/** Start services side by side. */
export function startServices(options: ServiceGroupOptions): ServiceGroup {
  const { services, environment, config, profile } = options;
  const running = new Map<ServiceName, ServiceProcess>(
    services.map((service) => [
      service,
      startService({
        service,
        environment,
        ...(profile?.service === service && { profileDir: profile.dir }),
      }),
    ]),
  );
  const sample = async (pids: PerEngine<readonly number[]>) => ({
    at: performance.now(),
    services: await Promise.all([...running.values()].map(({ pid }) => cpuSecondsOf(pid))),
    engines: await engineCpuSeconds(pids),
  });
  return {
    urlOf(service) {
      const found = running.get(service);
      if (found === undefined) throw new RangeError(`${service} was not started`);
      return found.url();
    },
    async meter() {
      const pids = await engineProcesses(config);
      const before = await sample(pids);
      return async () => {
        const after = await sample(pids);
        const seconds = (after.at - before.at) / 1_000;
        const cores = (cpu: number | null): number | null =>
          cpu === null ? null : rounded(cpu / seconds);
        const ofServices = services.map(
          (name, index) =>
            [name, cores((after.services[index] ?? 0) - (before.services[index] ?? 0))] as const,
        );
        const ofEngines = Object.entries(increase(before.engines, after.engines)).map(
          ([name, cpu]) => [name, cores(cpu)] as const,
        );
        return Object.fromEntries([...ofServices, ...ofEngines]);
      };
    },
    async peakMiB() {
      const peaks = [...running].map(
        async ([name, { pid }]) => [name, Math.round((await peakBytesOf(pid)) / MIB)] as const,
      );
      return Object.fromEntries(await Promise.all(peaks));
    },
    assertRun() {
      for (const service of running.values()) service.assertRuns();
    },
    async stop() {
      await Promise.all([...running.values()].map((service) => service.stop()));
    },
  };
}
