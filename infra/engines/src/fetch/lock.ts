import { randomUUID } from 'node:crypto';
import { link, readFile, rm, writeFile } from 'node:fs/promises';

import { pause } from '@kpi/runtime';

import { isAlive } from '../process/is-alive.ts';

const POLL_MS = 250;

/** Run `work` while this process alone holds the lock file. A lock whose process has ended is taken over. */
export async function withLock(path: string, work: () => Promise<void>): Promise<void> {
  while (!(await tryLock(path))) {
    if (await isAbandoned(path)) await rm(path, { force: true });
    else await pause(POLL_MS);
  }
  try {
    await work();
  } finally {
    await rm(path, { force: true });
  }
}

/** A link appears with its content, so nobody ever reads a lock without a holder. */
async function tryLock(path: string): Promise<boolean> {
  const own = `${path}.${randomUUID()}`;
  await writeFile(own, String(process.pid));
  try {
    await link(own, path);
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false;
    throw error;
  } finally {
    await rm(own, { force: true });
  }
}

async function isAbandoned(path: string): Promise<boolean> {
  const holder = await readFile(path, 'utf8').catch(() => undefined);
  return holder !== undefined && !isAlive(Number(holder));
}
