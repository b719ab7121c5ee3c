import { mkdtemp, readFile, readdir, rm } from 'node:fs/promises';
import { type ServerResponse, createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, expect, test } from 'vitest';

import { runTestCli } from '../test-cli.ts';

const CHUNK = Buffer.alloc(100_000, 'x');

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kpi-export-'));
});
afterEach(() => rm(folder, { recursive: true }));

/** Run `kpi export` against a server that answers as it is told to. */
async function run(answer: (response: ServerResponse, path: string) => void, ...words: string[]) {
  const server = createServer((request, response) => answer(response, request.url ?? ''));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (typeof address !== 'object' || address === null) throw new Error('the server has no port');
  const url = `http://127.0.0.1:${address.port}`;
  try {
    return await runTestCli(['export', ...words, '--url', url]);
  } finally {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
}

test('a file has its name once it is whole', async () => {
  const out = join(folder, 'runs.parquet');
  const paths: string[] = [];
  const { code, err } = await run(
    (response, path) => {
      paths.push(path);
      response.write(CHUNK);
      response.end(CHUNK);
    },
    'course_runs',
    '--format',
    'parquet',
    '--from',
    '2026-01-01',
    '--out',
    out,
  );
  expect({ code, err }).toEqual({ code: 0, err: `${out}: 200,000 bytes\n` });
  expect(paths).toEqual(['/v1/export/course_runs?format=parquet&from=2026-01-01']);
  expect((await readFile(out)).length).toBe(200_000);
});

test('an answer that breaks off leaves no file', async () => {
  const { code, err } = await run(
    (response) => {
      response.write(CHUNK, () => response.destroy());
    },
    'tickets',
    '--out',
    join(folder, 'tickets.csv'),
  );
  expect(code).toBe(4);
  expect(err).toContain('[service_unreachable]');
  expect(await readdir(folder)).toEqual([]);
});

test('a refusal is one line, and no file', async () => {
  const { code, err } = await run(
    (response) => {
      response.writeHead(404, { 'content-type': 'application/problem+json' });
      response.end(JSON.stringify({ code: 'not_found', detail: 'there is no such view' }));
    },
    'nowhere',
    '--out',
    join(folder, 'nowhere.csv'),
  );
  expect({ code, err }).toEqual({ code: 2, err: 'kpi: [not_found] there is no such view\n' });
  expect(await readdir(folder)).toEqual([]);
});
