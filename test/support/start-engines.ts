import { createScratch, startEngines } from '@kpi/engines';

/**
 * Vitest global set-up: engines for the whole run, found by their `KPI_*` variables. Those set already are used as they are;
 * the others start on free ports with data in a temporary folder. The workers inherit the environment.
 */
export async function setup(): Promise<() => Promise<void>> {
  const scratch = await createScratch();
  const engines = await startEngines({
    dataDir: scratch.path,
    environment: process.env,
    onProgress: say,
    onUnexpectedEnd: (fault) => say(fault.message),
  });
  Object.assign(process.env, engines.urls);
  return async () => {
    await engines.close();
    await scratch.remove();
  };
}

function say(line: string): void {
  process.stderr.write(`${line}\n`);
}
