import { spawnSync } from 'node:child_process';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, expect, test } from 'vitest';

import { withLock } from './lock.ts';

let directory: string;
let path: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'kpi-lock-'));
  path = join(directory, 'lock');
});

afterEach(async () => {
  await rm(directory, { recursive: true, force: true });
});

test('only one works at a time, and nothing is left behind', async () => {
  let working = 0;
  let most = 0;
  const work = async (): Promise<void> => {
    working += 1;
    most = Math.max(most, working);
    await readdir(directory);
    working -= 1;
  };
  await Promise.all([withLock(path, work), withLock(path, work), withLock(path, work)]);
  expect(most).toBe(1);
  expect(await readdir(directory)).toEqual([]);
});

test('a lock whose process has ended is taken over', async () => {
  const ended = spawnSync(process.execPath, ['-e', '0']).pid;
  await writeFile(path, String(ended));
  let hasWorked = false;
  await withLock(path, () => {
    hasWorked = true;
    return Promise.resolve();
  });
  expect(hasWorked).toBe(true);
});
