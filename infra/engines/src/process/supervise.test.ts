import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { afterEach, beforeEach, expect, test, vi } from 'vitest';

import { type Scratch, createScratch } from '../scratch.ts';
import { isAlive } from './is-alive.ts';
import { readPid } from './test-pid.ts';

const SUPERVISOR = fileURLToPath(new URL('../../supervise.sh', import.meta.url));
const STUBBORN = ['sh', '-c', 'trap "" TERM; echo ready; while :; do sleep 0.05; done'];
const OBEDIENT = ['sh', '-c', 'trap "exit 7" TERM; echo ready; while :; do sleep 0.05; done'];

let scratch: Scratch;
let directory: string;
let pidPath: string;

beforeEach(async () => {
  scratch = await createScratch();
  directory = scratch.path;
  pidPath = join(directory, 'pid');
});

afterEach(() => scratch.remove());

interface Supervision {
  readonly supervisor: ChildProcess;
  readonly pid: number;
}

/** Start a supervisor and wait until the command has set its traps, which it tells by printing. */
async function start(command: readonly string[], graceS: number): Promise<ChildProcess> {
  const supervisor = spawn('/bin/sh', [SUPERVISOR, String(graceS), pidPath, ...command], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  await once(supervisor.stdout, 'data');
  return supervisor;
}

async function supervise(command: readonly string[], graceS: number): Promise<Supervision> {
  const supervisor = await start(command, graceS);
  return { supervisor, pid: await readPid(pidPath) };
}

test('the end of standard input asks the command to stop, and its exit code is passed on', async () => {
  const { supervisor, pid } = await supervise(OBEDIENT, 5);
  supervisor.stdin?.end();
  expect(await once(supervisor, 'exit')).toEqual([7, null]);
  expect(isAlive(pid)).toBe(false);
  expect(existsSync(pidPath)).toBe(false);
});

test('a command that ignores SIGTERM is killed after its grace period', async () => {
  const { supervisor, pid } = await supervise(STUBBORN, 1);
  supervisor.stdin?.end();
  await once(supervisor, 'exit');
  expect(isAlive(pid)).toBe(false);
});

test('a command that ends by itself ends the supervisor', async () => {
  const supervisor = await start(['sh', '-c', 'echo ready; exit 3'], 5);
  expect(await once(supervisor, 'exit')).toEqual([3, null]);
});

test('kill -9 of the supervisor still lets the command end with its parent', async () => {
  const { supervisor, pid } = await supervise(OBEDIENT, 5);
  supervisor.kill('SIGKILL');
  await once(supervisor, 'exit');
  expect(isAlive(pid)).toBe(true);
  supervisor.stdin?.destroy();
  await vi.waitFor(() => expect(isAlive(pid)).toBe(false), { timeout: 5000 });
});

test('kill -9 of the parent ends the command', async () => {
  const script = `
    const { spawn } = require('node:child_process');
    spawn('/bin/sh', ${JSON.stringify([SUPERVISOR, '5', pidPath, ...OBEDIENT])}, { stdio: ['pipe', 'inherit', 'inherit'], detached: true });
  `;
  const parent = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'pipe', 'inherit'] });
  await once(parent.stdout, 'data');
  const pid = await readPid(pidPath);
  expect(isAlive(pid)).toBe(true);
  parent.kill('SIGKILL');
  await vi.waitFor(() => expect(isAlive(pid)).toBe(false), { timeout: 5000 });
});
