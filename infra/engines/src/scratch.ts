import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { isAlive } from './process/is-alive.ts';

const PREFIX = 'kpi-scratch-';

/** A temporary folder of this process, and what removes it. Folders of processes that were killed are removed first. */
export async function createScratch(): Promise<{ path: string; remove: () => Promise<void> }> {
  await removeAbandoned();
  const path = await mkdtemp(join(tmpdir(), `${PREFIX}${process.pid}-`));
  return { path, remove: () => rm(path, { recursive: true, force: true }) };
}

async function removeAbandoned(): Promise<void> {
  const names = (await readdir(tmpdir())).filter((name) => name.startsWith(PREFIX));
  const abandoned = names.filter(
    (name) => !isAlive(Number.parseInt(name.slice(PREFIX.length), 10)),
  );
  await Promise.all(
    abandoned.map((name) => rm(join(tmpdir(), name), { recursive: true, force: true })),
  );
}
