import { spawnSync } from 'node:child_process';
import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { afterEach, beforeEach, expect, test } from 'vitest';

import { type Scratch, createScratch } from '../scratch.ts';
import { withLock } from './lock.ts';

let scratch: Scratch;
let directory: string;
let path: string;

beforeEach(async () => {
  scratch = await createScratch();
  directory = scratch.path;
  path = join(directory, 'lock');
});

afterEach(() => scratch.remove());

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
