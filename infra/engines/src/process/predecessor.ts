import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';

import { Fault } from '@kpi/core';
import { pause } from '@kpi/runtime';

import { isAlive } from './is-alive.ts';

const run = promisify(execFile);
/** After a kill -9 of the parent its engines need up to their grace period to end. */
const WAIT_MS_MAX = 25_000;
const POLL_MS = 200;

export interface PredecessorOptions {
  readonly name: string;
  readonly directory: string;
}

/**
 * Wait until the engine named by a pid file has ended: it still stops when its parent was killed a moment ago.
 * Throws a Fault `engine_failed` if it goes on, because then another run uses the same data.
 */
export async function awaitEndOfPredecessor(
  pidPath: string,
  options: PredecessorOptions,
): Promise<void> {
  const [pid, parent] = (await readFile(pidPath, 'utf8').catch(() => '')).split('\n');
  if (pid === undefined || pid === '' || parent === undefined) return;
  const deadline = AbortSignal.timeout(WAIT_MS_MAX);
  while (await runsFor(pid, options.directory)) {
    if (deadline.aborted || isAlive(Number(parent))) {
      throw new Fault(
        'engine_failed',
        `the data in ${options.directory} is in use by process ${pid}; stop it or choose another KPI_DATA_DIR`,
      );
    }
    await pause(POLL_MS);
  }
}

/** Process ids are reused, so the command line must name the directory too. */
async function runsFor(pid: string, directory: string): Promise<boolean> {
  const command = await run('ps', ['-ww', '-o', 'command=', '-p', pid]).catch(() => undefined);
  return command?.stdout.includes(directory) ?? false;
}
