import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { Fault } from '@kpi/core';

import { SUPERVISOR } from './process/supervised.ts';
import { createScratch } from './scratch.ts';
import { type PerEngine, startEngines } from './start-engines.ts';
import { type Counts, countTests } from './test-report.ts';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
const VITEST = join(ROOT, 'node_modules', 'vitest', 'vitest.mjs');
/** Seconds that running tests get to clean up after a signal. */
const GRACE_S = 20;

/** `npm test [ARGUMENT...]`: every test, on one set of engines. The arguments are vitest's; the last line is the count. */
async function main(args: readonly string[], stop: AbortSignal): Promise<Counts> {
  const scratch = await createScratch();
  try {
    const engines = await startEngines({
      dataDir: join(scratch.path, 'engines'),
      environment: process.env,
      onProgress: say,
      onUnexpectedEnd: (fault) => say(fault.message),
    });
    try {
      const report = join(scratch.path, 'report.json');
      const exitCode = await runVitest(
        [...args, `--outputFile.json=${report}`],
        engines.urls,
        stop,
      );
      return await countTests(report, exitCode);
    } finally {
      await engines.close();
    }
  } finally {
    await scratch.remove();
  }
}

async function runVitest(
  args: readonly string[],
  urls: PerEngine<string>,
  stop: AbortSignal,
): Promise<number> {
  const pidPath = join(ROOT, '.cache', `vitest-${process.pid}.pid`);
  const reporters = ['--reporter=default', '--reporter=json'];
  const command = [process.execPath, VITEST, 'run', ...reporters, ...args];
  const vitest = spawn('/bin/sh', [SUPERVISOR, String(GRACE_S), pidPath, ...command], {
    cwd: ROOT,
    detached: true,
    env: { ...process.env, ...urls },
    stdio: ['pipe', 'inherit', 'inherit'],
  });
  const end = (): void => void vitest.stdin.end();
  stop.addEventListener('abort', end);
  if (stop.aborted) end();
  const [code]: unknown[] = await once(vitest, 'exit');
  vitest.stdin.destroy();
  return typeof code === 'number' ? code : 1;
}

function say(line: string): void {
  process.stderr.write(`${line}\n`);
}

const stopped = new AbortController();
process.on('SIGINT', () => stopped.abort());
process.on('SIGTERM', () => stopped.abort());

const { passed, failed } = await main(process.argv.slice(2), stopped.signal).catch(
  (error: unknown) => {
    if (!(error instanceof Fault)) throw error;
    say(error.message);
    return { passed: 0, failed: 1 };
  },
);
process.stdout.write(`${passed} passed, ${failed} failed\n`);
process.exitCode = failed === 0 ? 0 : 1;
