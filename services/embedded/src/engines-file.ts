import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import type { RunningEngines } from '@kpi/engines';

/**
 * Say in `engines.env` where the engines are, for the command line and for a shell (`set -a; . .data/engines.env`). The answer takes
 * the file away again.
 */
export async function writeEnginesFile(
  dataDir: string,
  urls: RunningEngines['urls'],
): Promise<() => Promise<void>> {
  const path = join(dataDir, 'engines.env');
  const lines = Object.entries(urls).map(([name, url]) => `${name}=${url}\n`);
  await writeFile(path, lines.join(''));
  return () => rm(path, { force: true });
}
