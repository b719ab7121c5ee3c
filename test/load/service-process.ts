import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

import { pause } from '@kpi/runtime';

export type ServiceName = 'aggregate' | 'api' | 'archive' | 'ingest';

export interface ServiceProcessOptions {
  readonly service: ServiceName;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Folder for a CPU profile; none is taken without. */
  readonly profileDir?: string;
}

/** A service as a process of its own. It never outlives who started it, even if that is killed. */
export interface ServiceProcess {
  readonly pid: number;
  /** Where it listens, once it does. */
  url(): Promise<string>;
  /** Throws when it has ended by itself, with the last it printed. */
  assertRuns(): void;
  /** SIGTERM, and wait until it is gone: a profile is then written. */
  stop(): Promise<void>;
}

const OUTPUT_CHARACTERS_MAX = 4_000;
const STARTED_MS_MAX = 60_000;
const POLL_MS = 20;
const END_WITH_PARENT = fileURLToPath(new URL('end-with-parent.ts', import.meta.url));
/** In the line of the log that says where a service listens. */
const URL_LINE = /"url":"(http[^"]+)"/;

/** Start a service from its main program. */
export function startService(options: ServiceProcessOptions): ServiceProcess {
  const { service, environment, profileDir } = options;
  const main = fileURLToPath(new URL(`../../services/${service}/src/main.ts`, import.meta.url));
  const profiling = profileDir === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${profileDir}`];
  const child = spawn(process.execPath, ['--import', END_WITH_PARENT, ...profiling, main], {
    env: { ...environment },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  const { pid } = child;
  if (pid === undefined) throw new Error(`${service} did not start`);
  let printed = '';
  const keep = (chunk: Buffer): void =>
    void (printed = (printed + chunk.toString()).slice(-OUTPUT_CHARACTERS_MAX));
  child.stdout.on('data', keep);
  child.stderr.on('data', keep);
  child.stdin.on('error', () => undefined);
  const ended = once(child, 'exit');
  const hasEnded = (): boolean => child.exitCode !== null || child.signalCode !== null;
  const assertRuns = (): void => {
    if (hasEnded()) throw new Error(`${service} ended too early:\n${printed}`);
  };
  return {
    pid,
    assertRuns,
    async url() {
      const end = performance.now() + STARTED_MS_MAX;
      for (;;) {
        const url = URL_LINE.exec(printed)?.[1];
        if (url !== undefined) return url;
        assertRuns();
        if (performance.now() > end) throw new Error(`${service} did not start:\n${printed}`);
        await pause(POLL_MS);
      }
    },
    async stop() {
      if (!hasEnded()) child.kill('SIGTERM');
      await ended;
    },
  };
}
