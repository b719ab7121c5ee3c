import { type ChildProcess, spawn } from 'node:child_process';
import { openSync, closeSync } from 'node:fs';
import { mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { Fault } from '@kpi/core';
import { pause } from '@kpi/runtime';

import { awaitEndOfPredecessor } from './predecessor.ts';

/** Ties a program to the life of this process; see its header. */
export const SUPERVISOR = fileURLToPath(new URL('../../supervise.sh', import.meta.url));
/** Time an engine gets between SIGTERM and SIGKILL: Kafka writes its clean-shutdown mark within two or three seconds. */
const GRACE_S = 15;
/** The supervisor itself needs a moment more than the engine. */
const STOP_MS_MAX = (GRACE_S + 5) * 1000;
const READY_POLL_MS = 100;
const LOG_TAIL_BYTES = 2000;

export interface SuperviseOptions {
  readonly name: string;
  /** Program and arguments. One argument must name `directory`, so that a left-over process can be recognised. */
  readonly command: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  /** Where the pid file and the log of this engine go. */
  readonly directory: string;
  /** Asked until true; gets the path of the log. */
  readonly isReady: (logPath: string) => Promise<boolean>;
  readonly readyMsMax: number;
  /** Called when the engine ends although nobody asked it to. */
  readonly onUnexpectedEnd: (fault: Fault) => void;
}

/** A running engine, tied to the life of this process by `supervise.sh`. */
export interface Supervised {
  readonly name: string;
  /** Of the program, not of its supervisor. */
  pid(): Promise<number>;
  /** SIGKILL, as a crash would be; resolves when it is gone. */
  kill(): Promise<void>;
  close(): Promise<void>;
}

/** Start a program and wait until it answers. Throws a Fault `engine_failed` with the end of its log if it does not. */
export async function supervise(options: SuperviseOptions): Promise<Supervised> {
  await mkdir(options.directory, { recursive: true });
  const pidPath = join(options.directory, 'pid');
  await awaitEndOfPredecessor(pidPath, options);
  await rm(pidPath, { force: true });
  const logPath = await freshLog(options.directory);
  const child = launch(options, pidPath, logPath);
  const engine = new SupervisedProcess(options, child, pidPath);
  try {
    await engine.untilReady(logPath);
  } catch (error) {
    await engine.close();
    throw error;
  }
  return engine;
}

function launch(options: SuperviseOptions, pidPath: string, logPath: string): ChildProcess {
  const log = openSync(logPath, 'a');
  try {
    return spawn('/bin/sh', [SUPERVISOR, String(GRACE_S), pidPath, ...options.command], {
      // A session of its own keeps a terminal's Ctrl-C away: the parent stops the engines in order.
      detached: true,
      env: { ...process.env, ...options.environment },
      stdio: ['pipe', log, log],
    });
  } finally {
    closeSync(log);
  }
}

/** One earlier log is kept: it may say why the last run ended. */
async function freshLog(directory: string): Promise<string> {
  const path = join(directory, 'engine.log');
  await rename(path, `${path}.1`).catch(() => undefined);
  return path;
}

class SupervisedProcess implements Supervised {
  readonly name: string;
  readonly #options: SuperviseOptions;
  readonly #child: ChildProcess;
  readonly #pidPath: string;
  readonly #ended: Promise<number | null>;
  #hasEnded = false;
  #isReady = false;
  #isStopping = false;

  constructor(options: SuperviseOptions, child: ChildProcess, pidPath: string) {
    this.name = options.name;
    this.#options = options;
    this.#child = child;
    this.#pidPath = pidPath;
    this.#ended = new Promise((resolve) => {
      child.once('error', () => resolve(null));
      child.once('exit', resolve);
    });
    // The pipe breaks when the supervisor ends first; that end is reported through `exit`.
    child.stdin?.on('error', () => undefined);
    void this.#ended.then((code) => this.#onEnd(code));
  }

  async untilReady(logPath: string): Promise<void> {
    const deadline = AbortSignal.timeout(this.#options.readyMsMax);
    while (!(await this.#options.isReady(logPath))) {
      if (this.#hasEnded || deadline.aborted) {
        const what = this.#hasEnded ? 'ended while starting' : 'did not become ready in time';
        throw new Fault('engine_failed', `${this.name} ${what}: ${await tail(logPath)}`);
      }
      await pause(READY_POLL_MS);
    }
    this.#isReady = true;
  }

  async pid(): Promise<number> {
    const pid = Number.parseInt(await readFile(this.#pidPath, 'utf8').catch(() => ''), 10);
    if (Number.isNaN(pid)) throw new Fault('engine_failed', `${this.name} does not run`);
    return pid;
  }

  async kill(): Promise<void> {
    const pid = await this.pid();
    this.#isStopping = true;
    process.kill(pid, 'SIGKILL');
    await this.#ended;
  }

  async close(): Promise<void> {
    this.#isStopping = true;
    this.#child.stdin?.end();
    const overdue = new AbortController();
    await Promise.race([this.#ended, pause(STOP_MS_MAX, overdue.signal)]);
    overdue.abort();
    if (!this.#hasEnded && this.#child.pid !== undefined) {
      process.kill(-this.#child.pid, 'SIGKILL');
      await this.#ended;
    }
  }

  #onEnd(code: number | null): void {
    this.#hasEnded = true;
    this.#child.stdin?.destroy();
    if (this.#isReady && !this.#isStopping) void this.#tellOfEnd(code);
  }

  /** With the end of the log: of tests its folder does not stay. */
  async #tellOfEnd(code: number | null): Promise<void> {
    const { directory, onUnexpectedEnd } = this.#options;
    const last = await tail(join(directory, 'engine.log')).catch(() => '');
    const detail = `${this.name} ended with code ${code}; its log in ${directory} ends with: ${last}`;
    onUnexpectedEnd(new Fault('engine_failed', detail));
  }
}

async function tail(path: string): Promise<string> {
  const file = await open(path);
  try {
    const { size } = await file.stat();
    const start = Math.max(0, size - LOG_TAIL_BYTES);
    const { buffer, bytesRead } = await file.read(Buffer.alloc(LOG_TAIL_BYTES), {
      position: start,
    });
    return buffer.toString('utf8', 0, bytesRead).trim();
  } finally {
    await file.close();
  }
}

/** Whether the log holds `text`; a log that does not exist yet holds nothing. */
export async function logHolds(logPath: string, text: string): Promise<boolean> {
  return (await readFile(logPath, 'utf8').catch(() => '')).includes(text);
}
