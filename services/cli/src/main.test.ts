import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

import { expect, test } from 'vitest';

import { startScriptedServer } from './import/scripted-server.ts';

const MAIN = fileURLToPath(new URL('main.ts', import.meta.url));

function start(...words: readonly string[]): ChildProcess {
  return spawn(process.execPath, [MAIN, ...words], {
    env: { PATH: process.env['PATH'], KPI_DATA_DIR: '/nonexistent' },
  });
}

/** Code and text of a process, once it has ended and its pipes are closed. */
async function ended(child: ChildProcess) {
  const err: string[] = [];
  child.stderr?.on('data', (chunk: Buffer) => err.push(String(chunk)));
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  return { code, err: err.join('') };
}

test('the exit code reaches the shell', async () => {
  const child = start('query', 'csat_score', '--url', 'http://127.0.0.1:9');
  child.stdout?.resume();
  const { code, err } = await ended(child);
  expect(code).toBe(4);
  expect(err).toMatch(
    /^kpi: \[service_unreachable\] http:\/\/127\.0\.0\.1:9 does not answer .+\n$/,
  );
});

test('a reader that has seen enough is no error', async () => {
  const child = start('config');
  child.stdout?.destroy();
  expect(await ended(child)).toEqual({ code: 0, err: '' });
});

test('Ctrl-C ends an import that waits for its input, after what it has was sent', async () => {
  const sent = Promise.withResolvers<void>();
  const server = await startScriptedServer(() => {
    sent.resolve();
    return 'accept';
  });
  const words = ['import', '-', '--batch', '1', '--concurrency', '1', '--url', server.url];
  const child = start(...words);
  child.stdout?.resume();
  child.stdin?.write('{"event_id":"1"}\n{"event_id":"2"}\n');
  const end = ended(child);
  await sent.promise;
  child.kill('SIGINT');
  expect(await end).toEqual({ code: 130, err: '1 row done\nkpi: stopped\n' });
  await server.close();
});
