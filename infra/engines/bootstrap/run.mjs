import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { delimiter, dirname, join, resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

import { Stop, say } from './say.mjs';

const SUPERVISOR = fileURLToPath(new URL('../supervise.sh', import.meta.url));
/** More than the services and engines below give themselves. */
const GRACE_S = 60;
const PREDECESSOR_MS_MAX = GRACE_S * 1000;
const POLL_MS = 250;
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'];

/**
 * Run a program under the pinned Node until it ends; the answer is its exit code. It is asked to stop on a signal, and also
 * when this process or the npm above it is killed: `supervise.sh` sees the end of a pipe.
 */
export async function runTied({ root, program, args, environment, isService }) {
  const bin = join(root, 'node_modules', '.bin');
  const pidPath = isService
    ? pidPathOf(environment)
    : join(root, '.cache', `test-${process.pid}.pid`);
  await mkdir(dirname(pidPath), { recursive: true });
  const command = [join(bin, 'node'), join(root, program), ...args];
  const child = spawn('/bin/sh', [SUPERVISOR, String(GRACE_S), pidPath, ...command], {
    // A session of its own: a terminal's Ctrl-C comes here, once, and stops everything in order.
    detached: true,
    stdio: ['pipe', 'inherit', 'inherit'],
    env: { ...environment, PATH: `${bin}${delimiter}${environment.PATH ?? ''}` },
  });
  let isStopping = false;
  const stop = () => {
    // Once more asks the program itself, which may then end at once.
    if (isStopping) askAgain(pidPath);
    else disown(pidPath);
    isStopping = true;
    child.stdin.end();
  };
  child.stdin.on('error', () => undefined);
  for (const signal of SIGNALS) process.on(signal, stop);
  const watch = watchNpm(stop);
  const [code] = await once(child, 'exit');
  clearInterval(watch);
  for (const signal of SIGNALS) process.off(signal, stop);
  return code ?? 1;
}

function askAgain(pidPath) {
  const [pid] = readIds(pidPath);
  if (isAlive(pid)) process.kill(pid, 'SIGTERM');
}

/** Tell a successor that this run is about to end. */
function disown(pidPath) {
  const [pid] = readIds(pidPath);
  if (isAlive(pid)) writeFileSync(pidPath, `${pid}\n0\n`);
}

/** npm waits for its script, so a change of parent means that npm was killed. */
function watchNpm(onGone) {
  if (process.env.npm_lifecycle_event === undefined) return undefined;
  const parent = process.ppid;
  const watch = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(watch);
    onGone();
  }, POLL_MS);
  return watch;
}

/**
 * Wait for a run that was killed a moment ago and still stops. Throws a Stop when it goes on: whoever started it is still
 * there after the time that it takes to notice the end of npm.
 */
export async function awaitPredecessor(environment) {
  const pidPath = pidPathOf(environment);
  const [pid] = readIds(pidPath);
  if (!isAlive(pid)) return;
  const noticed = AbortSignal.timeout(4 * POLL_MS);
  while (isAlive(readIds(pidPath)[1])) {
    if (noticed.aborted) {
      throw new Stop(
        `Already running on this data (process ${pid}): stop it, or set KPI_DATA_DIR to another folder`,
      );
    }
    await pause(POLL_MS);
  }
  say('The previous run still stops; waiting for it');
  const deadline = AbortSignal.timeout(PREDECESSOR_MS_MAX);
  while (isAlive(pid)) {
    if (deadline.aborted) throw new Stop(`The previous run (process ${pid}) does not stop`);
    await pause(POLL_MS);
  }
}

function pidPathOf(environment) {
  return join(resolve(environment.KPI_DATA_DIR || '.data'), 'program.pid');
}

/** The ids of a program and of the process that started it; none when it does not run. */
function readIds(pidPath) {
  try {
    return readFileSync(pidPath, 'utf8').split('\n').map(Number);
  } catch {
    return [];
  }
}

function isAlive(pid) {
  if (!(pid > 0)) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
