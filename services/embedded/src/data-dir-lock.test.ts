import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { afterEach, beforeEach, expect, test } from 'vitest';

import { lockDataDir } from './data-dir-lock.ts';

const LOCK = fileURLToPath(new URL('data-dir-lock.ts', import.meta.url));

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kpi-lock-'));
});
afterEach(() => rm(folder, { recursive: true }));

test('a folder has one holder at a time', async () => {
  const release = await lockDataDir(folder);
  await expect(lockDataDir(folder)).rejects.toMatchObject({ code: 'data_in_use' });
  await release();
  await (
    await lockDataDir(folder)
  )();
});

test('of many that come at once one gets it', async () => {
  const outcomes = await Promise.allSettled(Array.from({ length: 8 }, () => lockDataDir(folder)));
  const releases = outcomes.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
  expect(releases).toHaveLength(1);
  await releases[0]?.();
});

test('another process holds it until it is killed', async () => {
  const holder = spawn(process.execPath, [
    '--input-type=module',
    '--eval',
    `const { lockDataDir } = await import(${JSON.stringify(LOCK)});
     await lockDataDir(${JSON.stringify(folder)});
     process.stdout.write('held');
     process.stdin.resume();`,
  ]);
  await once(holder.stdout, 'data');
  await expect(lockDataDir(folder)).rejects.toMatchObject({ code: 'data_in_use' });
  holder.kill('SIGKILL');
  await once(holder, 'exit');
  await (
    await lockDataDir(folder)
  )();
});

test('a folder that does not exist is made', async () => {
  await (
    await lockDataDir(join(folder, 'new', 'folder'))
  )();
});
