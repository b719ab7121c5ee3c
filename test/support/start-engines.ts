import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

import {
  type RunningEngines,
  type StartEnginesOptions,
  createScratch,
  startEngines,
} from '@kpi/engines';

/** Engines for one run of a program, until `close`. */
export interface ScratchEngines extends RunningEngines {
  close(): Promise<void>;
}

const BUILD = fileURLToPath(new URL('../../services/dashboard/build.mjs', import.meta.url));

/**
 * Vitest global set-up: engines for the whole run, found by their `KPI_*` variables. Those set already are used as they are;
 * the others start on free ports with data in a temporary folder. The workers inherit the environment. The page that the api serves is built if it has
 * changed.
 */
export async function setup(): Promise<() => Promise<void>> {
  execFileSync(process.execPath, [BUILD], { stdio: ['ignore', 2, 2] });
  const engines = await openEngines();
  Object.assign(process.env, engines.urls);
  return () => engines.close();
}

/** Start the engines that the environment does not name, with data in a temporary folder. */
export async function openEngines(
  topology: Pick<StartEnginesOptions, 'brokers' | 'redis' | 'environment'> = {},
): Promise<ScratchEngines> {
  const scratch = await createScratch();
  const engines = await startEngines({
    dataDir: scratch.path,
    environment: process.env,
    onProgress: say,
    onUnexpectedEnd: (fault) => say(fault.message),
    ...topology,
  });
  return {
    ...engines,
    async close() {
      await engines.close();
      await scratch.remove();
    },
  };
}

function say(line: string): void {
  process.stderr.write(`${line}\n`);
}
