import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { SUPERVISOR, createScratch } from '@kpi/engines';
import { vi } from 'vitest';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const GRACE_S = 30;
const STARTED_MS_MAX = 10_000;

export interface TiedOptions {
  /** TypeScript file to run, from the root of the repository. */
  readonly program: string;
  readonly args?: readonly string[];
  /** Added to the environment of this process. */
  readonly environment?: Readonly<Record<string, string>>;
}

/** A program under test. It never outlives the test, even if that is killed. */
export interface TiedProcess {
  readonly pid: number;
  /** What it has printed so far, both streams. */
  output(): string;
  kill(signal: NodeJS.Signals): void;
  /** Its exit code; 128 + n when signal n ended it. */
  readonly ended: Promise<number>;
  /** SIGTERM, SIGKILL after a deadline; resolves when it is gone. */
  stop(): Promise<number>;
}

/** Start a program of this repository as a process of its own. */
export async function startTied(options: TiedOptions): Promise<TiedProcess> {
  const scratch = await createScratch();
  const pidPath = join(scratch.path, 'pid');
  const command = [process.execPath, join(ROOT, options.program), ...(options.args ?? [])];
  const supervisor = spawn('/bin/sh', [SUPERVISOR, String(GRACE_S), pidPath, ...command], {
    cwd: ROOT,
    env: { ...process.env, ...options.environment },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  let printed = '';
  const keep = (chunk: Buffer): void => void (printed += chunk.toString());
  supervisor.stdout.on('data', keep);
  supervisor.stderr.on('data', keep);
  supervisor.stdin.on('error', () => undefined);
  const ended = once(supervisor, 'exit').then(async ([code]: unknown[]) => {
    supervisor.stdin.destroy();
    await scratch.remove();
    return typeof code === 'number' ? code : 1;
  });
  const pid = await vi.waitFor(() => readPid(pidPath), { timeout: STARTED_MS_MAX });
  return {
    pid,
    output: () => printed,
    kill: (signal) => void process.kill(pid, signal),
    ended,
    stop: () => {
      supervisor.stdin.end();
      return ended;
    },
  };
}

async function readPid(path: string): Promise<number> {
  const pid = Number.parseInt(await readFile(path, 'utf8'), 10);
  if (Number.isNaN(pid)) throw new Error(`${path} has no process id yet`);
  return pid;
}
