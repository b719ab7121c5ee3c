import { spawn } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { SUPERVISOR } from '@kpi/engines';

import { until } from '../support/pipeline.ts';

export type ServiceName = 'aggregate' | 'archive';

export interface ChildOptions {
  readonly service: ServiceName;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Folder for the child's output. */
  readonly logs: string;
  readonly name: string;
}

/** A service as a process of its own, which can be killed. It never outlives the run, even if that is killed. */
export interface Child {
  readonly service: ServiceName;
  /** SIGKILL, and wait until it is gone. */
  kill(): Promise<void>;
  /** SIGTERM, and wait. */
  stop(): Promise<void>;
  /** SIGSTOP: it stands still and does not know. */
  freeze(): Promise<void>;
  /** SIGCONT. */
  thaw(): Promise<void>;
  /** How often it has said this. */
  said(text: string): Promise<number>;
  /** How it ended on its own and what it said last, if it did. */
  readonly unexpectedEnd: () => string | undefined;
}

const LAST_CHARACTERS = 2_000;
const GRACE_S = 30;
const STARTED_MS_MAX = 10_000;

/** Start a service from its main program. */
export function startChild({ service, environment, logs, name }: ChildOptions): Child {
  const main = new URL(`../../services/${service}/src/main.ts`, import.meta.url).pathname;
  const pidPath = join(logs, `${name}.pid`);
  const command = [SUPERVISOR, String(GRACE_S), pidPath, process.execPath, main];
  const child = spawn('/bin/sh', command, {
    env: { ...environment },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  child.stdin.on('error', () => undefined);
  const hasEnded = (): boolean => child.exitCode !== null || child.signalCode !== null;
  const logPath = join(logs, `${name}.log`);
  const output = createWriteStream(logPath, { flags: 'a' });
  child.stdout.pipe(output, { end: false });
  child.stderr.pipe(output, { end: false });
  let saidLast = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (data: Buffer) => {
      saidLast = (saidLast + data.toString()).slice(-LAST_CHARACTERS);
    });
  let isExpected = false;
  let unexpectedEnd: string | undefined;
  const ended = new Promise<void>((resolve) => {
    child.once('close', (code, signal) => {
      if (!isExpected)
        unexpectedEnd = `${name} ended with ${signal ?? String(code)}: …${saidLast.trim()}`;
      resolve();
    });
  });
  const started = pidOf(pidPath, hasEnded);
  started.catch(() => undefined);
  const send = async (signal: NodeJS.Signals): Promise<void> => {
    const pid = await started;
    if (pid !== undefined && !hasEnded()) process.kill(pid, signal);
  };
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    isExpected = true;
    await send(signal);
    await ended;
    child.stdin.destroy();
  };
  return {
    service,
    kill: () => end('SIGKILL'),
    stop: () => end('SIGTERM'),
    freeze: () => send('SIGSTOP'),
    thaw: () => send('SIGCONT'),
    said: async (text) => (await readFile(logPath, 'utf8').catch(() => '')).split(text).length - 1,
    unexpectedEnd: () => unexpectedEnd,
  };
}

/** Of the service itself, which its supervisor writes down at the start; undefined when it ended before. */
async function pidOf(path: string, hasEnded: () => boolean): Promise<number | undefined> {
  let pid = Number.NaN;
  await until(
    `${path} names a process`,
    async () => {
      pid = Number.parseInt(await readFile(path, 'utf8').catch(() => ''), 10);
      return !Number.isNaN(pid) || hasEnded();
    },
    STARTED_MS_MAX,
  );
  return Number.isNaN(pid) ? undefined : pid;
}
