import { type ChildProcess, spawn } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

export type ServiceName = 'aggregate' | 'archive';

export interface ChildOptions {
  readonly service: ServiceName;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Folder for the child's output. */
  readonly logs: string;
  readonly name: string;
}

/** A service as a process of its own, which can be killed. */
export interface Child {
  readonly service: ServiceName;
  /** SIGKILL, and wait until it is gone. */
  kill(): Promise<void>;
  /** SIGTERM, and wait. */
  stop(): Promise<void>;
  /** SIGSTOP: it stands still and does not know. */
  freeze(): void;
  /** SIGCONT. */
  thaw(): void;
  /** How often it has said this. */
  said(text: string): Promise<number>;
  /** How it ended on its own, if it did. */
  readonly unexpectedEnd: () => string | undefined;
}

/** Start a service from its main program. */
export function startChild({ service, environment, logs, name }: ChildOptions): Child {
  const main = new URL(`../../services/${service}/src/main.ts`, import.meta.url).pathname;
  const child = spawn(process.execPath, [main], {
    env: { ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const logPath = join(logs, `${name}.log`);
  const output = createWriteStream(logPath, { flags: 'a' });
  child.stdout.pipe(output, { end: false });
  child.stderr.pipe(output, { end: false });
  let isExpected = false;
  let unexpectedEnd: string | undefined;
  const ended = new Promise<void>((resolve) => {
    child.once('exit', (code, signal) => {
      if (!isExpected) unexpectedEnd = `${name} ended with ${signal ?? String(code)}`;
      resolve();
    });
  });
  const end = (signal: NodeJS.Signals): Promise<void> => {
    isExpected = true;
    sendSignal(child, signal);
    return ended;
  };
  return {
    service,
    kill: () => end('SIGKILL'),
    stop: () => end('SIGTERM'),
    freeze: () => sendSignal(child, 'SIGSTOP'),
    thaw: () => sendSignal(child, 'SIGCONT'),
    said: async (text) => (await readFile(logPath, 'utf8').catch(() => '')).split(text).length - 1,
    unexpectedEnd: () => unexpectedEnd,
  };
}

function sendSignal(child: ChildProcess, signal: NodeJS.Signals): void {
  if (child.exitCode === null && child.signalCode === null) child.kill(signal);
}
