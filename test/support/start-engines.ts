import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { startEngines } from '@kpi/engines';

/**
 * Vitest global set-up: engines for the whole run, found by their `KPI_*` variables. Those set already are used as they are;
 * the others start on free ports with data in a temporary folder. The workers inherit the environment.
 */
export async function setup(): Promise<() => Promise<void>> {
  const dataDir = await mkdtemp(join(tmpdir(), 'kpi-test-'));
  const engines = await startEngines({
    dataDir,
    environment: process.env,
    onProgress: (line) => process.stderr.write(`${line}\n`),
    onUnexpectedEnd: (fault) => process.stderr.write(`${fault.message}\n`),
  });
  Object.assign(process.env, engines.urls);
  return async () => {
    await engines.close();
    await rm(dataDir, { recursive: true, force: true });
  };
}
