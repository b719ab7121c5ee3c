import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseEnv } from 'node:util';

import type { Environment } from '@kpi/runtime';

/** Written by the embedded program while it runs: the addresses of its engines, which take free ports. */
const FILE = 'engines.env';

/** The environment, with the addresses of an embedded installation in this folder for what it leaves out. */
export async function withRunningEngines(environment: Environment): Promise<Environment> {
  const folder = environment['KPI_DATA_DIR'] ?? '.data';
  const text = await readFile(join(folder, FILE), 'utf8').catch(() => '');
  return { ...parseEnv(text), ...environment };
}
