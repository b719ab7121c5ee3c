import { execFile } from 'node:child_process';
import { link, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { Fault } from '@kpi/core';

const run = promisify(execFile);

/**
 * Hold a data folder for this process; the answer releases it. Throws a Fault `data_in_use` when a living process holds it. What a
 * killed process left behind is taken over.
 */
export async function lockDataDir(dataDir: string): Promise<() => Promise<void>> {
  await mkdir(dataDir, { recursive: true });
  const path = join(dataDir, 'lock');
  const own = `${path}.${process.pid}`;
  await writeFile(own, await identityOf(process.pid));
  try {
    while (!(await isTaken(own, path))) {
      const holder = await readFile(path, 'utf8').catch(() => '');
      if (await isAlive(holder)) throw inUse(dataDir, holder);
      // Moving it away succeeds for one process only; whoever is late finds a living holder in the next round.
      await rename(path, `${own}.stale`).catch(() => undefined);
    }
  } finally {
    await rm(own, { force: true });
    await rm(`${own}.stale`, { force: true });
  }
  return () => rm(path, { force: true });
}

/** Linking fails when the name exists, on every file system, and the file is whole from the start. */
async function isTaken(own: string, path: string): Promise<boolean> {
  try {
    await link(own, path);
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false;
    throw error;
  }
}

/** Process id and start time: ids are used again, the two together are not. Throws when there is no such process. */
async function identityOf(pid: number): Promise<string> {
  const startedAt = (await startInProc(pid)) ?? (await startByPs(pid));
  return `${pid} ${startedAt}`;
}

/** Linux: the 22nd field, counted after the program's name, which may hold spaces. */
async function startInProc(pid: number): Promise<string | undefined> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined);
  return stat?.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
}

async function startByPs(pid: number): Promise<string> {
  const { stdout } = await run('ps', ['-o', 'lstart=', '-p', String(pid)]);
  return stdout.trim();
}

async function isAlive(holder: string): Promise<boolean> {
  const pid = Number(holder.split(' ', 1)[0]);
  if (!Number.isInteger(pid) || pid <= 0) return false;
  return (await identityOf(pid).catch(() => '')) === holder;
}

function inUse(dataDir: string, holder: string): Fault {
  return new Fault(
    'data_in_use',
    `${dataDir} is in use by process ${holder.split(' ', 1)[0]}: stop it, or set KPI_DATA_DIR to another folder`,
  );
}
