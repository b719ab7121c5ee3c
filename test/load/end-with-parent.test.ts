import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

import { expect, test } from 'vitest';

const PRELOAD = fileURLToPath(new URL('end-with-parent.ts', import.meta.url));

function start(program: string) {
  const child = spawn(process.execPath, ['--import', PRELOAD, '--eval', program], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  return { child, ended: once(child, 'exit') };
}

test('a process ends in order when its parent is gone', async () => {
  const { child, ended } = start(`
    process.once('SIGTERM', () => { console.log('in order'); process.exit(0); });
    setInterval(() => {}, 1_000);
    console.log('runs');
  `);
  const said: string[] = [];
  child.stdout.on('data', (chunk: Buffer) => said.push(chunk.toString().trim()));
  await once(child.stdout, 'data');
  // What the system does with the pipes of a process that was killed.
  child.stdin.destroy();
  expect(await ended).toEqual([0, null]);
  expect(said).toEqual(['runs', 'in order']);
});

test('it does not keep a process that has nothing more to do', async () => {
  expect(await start('').ended).toEqual([0, null]);
});

test('nor does it end one that has threads', async () => {
  const { child, ended } = start(`
    const { Worker } = require('node:worker_threads');
    const thread = new Worker(new URL('data:text/javascript,setTimeout(() => {}, 200)'));
    thread.once('exit', () => console.log('thread is done'));
  `);
  const [said] = await once(child.stdout, 'data');
  expect(String(said).trim()).toBe('thread is done');
  expect(await ended).toEqual([0, null]);
});
