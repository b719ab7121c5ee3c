import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

import { afterEach, beforeEach, expect, test, vi } from 'vitest';

import { isAlive } from './process/is-alive.ts';
import { readPid } from './process/test-pid.ts';
import { type Scratch, createScratch } from './scratch.ts';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
const RUN = new URL('../bootstrap/run.mjs', import.meta.url).href;
const PROGRAM = `
  process.on('SIGTERM', () => process.exit(process.env.CODE));
  setInterval(() => undefined, 1000);
  console.log('ready');
`;
const END_MS_MAX = 10_000;

let scratch: Scratch;
let started: ChildProcess[];

beforeEach(async () => {
  scratch = await createScratch();
  started = [];
});

afterEach(async () => {
  for (const child of started) child.kill('SIGKILL');
  await scratch.remove();
});

/** A process that runs the program as `npm start` does, its data in the scratch folder. */
async function bootstrap(code: number): Promise<{ bootstrap: ChildProcess; pid: number }> {
  await writeFile(join(scratch.path, 'program.ts'), PROGRAM);
  const options = {
    root: ROOT,
    program: relative(ROOT, join(scratch.path, 'program.ts')),
    args: [],
    isService: true,
  };
  const child = script(
    `
    import { runTied } from '${RUN}';
    process.exitCode = await runTied({ ...${JSON.stringify(options)}, environment: process.env });
  `,
    { CODE: String(code) },
  );
  if (child.stdout !== null) await once(child.stdout, 'data');
  return { bootstrap: child, pid: await readPid(join(scratch.path, 'program.pid')) };
}

function script(text: string, environment: Readonly<Record<string, string>> = {}): ChildProcess {
  const child = spawn(process.execPath, ['--input-type=module', '--eval', text], {
    env: { PATH: process.env['PATH'], KPI_DATA_DIR: scratch.path, ...environment },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  started.push(child);
  return child;
}

/** What a second start says about the first: its reason not to go on, or `go`. */
async function secondStart(): Promise<string> {
  const child = script(`
    import { awaitPredecessor } from '${RUN}';
    const said = await awaitPredecessor(process.env).then(() => 'go', (stop) => stop.message);
    process.stdout.write(said);
  `);
  let said = '';
  child.stdout?.on('data', (chunk: Buffer) => (said += chunk.toString()));
  await once(child, 'close');
  return said;
}

test('a signal stops the program, whose exit code is passed on', async () => {
  const { bootstrap: child, pid } = await bootstrap(5);
  child.kill('SIGINT');
  expect(await once(child, 'exit')).toEqual([5, null]);
  expect(isAlive(pid)).toBe(false);
});

test('kill -9 stops the program too, and the next start waits for it', async () => {
  const { bootstrap: child, pid } = await bootstrap(0);
  child.kill('SIGKILL');
  await once(child, 'exit');
  expect(await secondStart()).toBe('go');
  await vi.waitFor(() => expect(isAlive(pid)).toBe(false), { timeout: END_MS_MAX });
});

test('a second start beside a running one is refused with the process that runs', async () => {
  const { bootstrap: child, pid } = await bootstrap(0);
  expect(await secondStart()).toContain(`Already running on this data (process ${pid})`);
  expect(isAlive(pid)).toBe(true);
  child.kill('SIGTERM');
  await once(child, 'exit');
  expect(existsSync(join(scratch.path, 'program.pid'))).toBe(false);
});
