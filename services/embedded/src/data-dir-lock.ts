import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

import { Fault } from '@kpi/core';

/**
 * Hold a data folder for this program; the answer releases it. Throws a Fault `data_in_use` when another holds it.
 *
 * Node has no file locks of its own, SQLite has: the kernel releases them when a process ends, however it ends, so nothing is ever left
 * behind. A file with a process id in it could not be taken over without a race.
 */
export async function lockDataDir(dataDir: string): Promise<() => Promise<void>> {
  await mkdir(dataDir, { recursive: true });
  const file = new DatabaseSync(join(dataDir, 'lock'), { timeout: 0 });
  try {
    file.exec('BEGIN EXCLUSIVE');
  } catch (cause) {
    file.close();
    const detail = `${dataDir} is in use by another run: stop it, or set KPI_DATA_DIR to another folder`;
    throw new Fault('data_in_use', detail, { cause });
  }
  return async () => file.close();
}
