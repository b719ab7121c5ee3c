import { open, readFile, rm } from 'node:fs/promises';

import { pause } from '@kpi/runtime';

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

async function tryLock(path: string): Promise<boolean> {
  const file = await open(path, 'wx').catch((error: unknown) => {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return undefined;
    throw error;
  });
  if (file === undefined) return false;
  await file.writeFile(String(process.pid));
  await file.close();
  return true;
}

async function isAbandoned(path: string): Promise<boolean> {
  const holder = Number(await readFile(path, 'utf8').catch(() => ''));
  // Empty: the holder has not written its id yet, or the lock is gone already.
  if (!Number.isInteger(holder) || holder === 0) return false;
  try {
    process.kill(holder, 0);
    return false;
  } catch {
    return true;
  }
}
