import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { isAlive } from './process/is-alive.ts';

const PREFIX = 'kpi-scratch-';

/** A temporary folder of this process. */
export interface Scratch {
  readonly path: string;
  remove(): Promise<void>;
}

/** Make a temporary folder; those of processes that were killed go first. */
export async function createScratch(): Promise<Scratch> {
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
