import { join } from 'node:path';

import { type Fault } from '@kpi/core';
import { afterEach, beforeEach, expect, test } from 'vitest';

import { type Scratch, createScratch } from '../scratch.ts';
import { startClickHouse } from '../engines/clickhouse.ts';
import { choosePorts } from '../process/ports.ts';
import { readPid } from '../process/test-pid.ts';

const INSERTS = 40;
let scratch: Scratch;
let directory: string;

beforeEach(async () => {
  scratch = await createScratch();
  directory = scratch.path;
});

afterEach(() => scratch.remove());

async function start(onUnexpectedEnd: (fault: Fault) => void) {
  const [port = 0] = await choosePorts([0]);
  return startClickHouse({
    directory,
    port,
    onUnexpectedEnd,
    programs: () => Promise.reject(new Error('this engine is a package')),
  });
}

async function run(url: string, statement: string): Promise<string> {
  const response = await fetch(url, { method: 'POST', body: statement });
  const answer = await response.text();
  expect(response.status, answer).toBe(200);
  return answer.trim();
}

test('after kill -9 every acknowledged insert is there, once, and its token is still known', async () => {
  const ended = Promise.withResolvers<Fault>();
  const first = await start(ended.resolve);
  await run(
    first.url,
    `CREATE TABLE t (a UInt64) ENGINE = MergeTree ORDER BY a
     SETTINGS non_replicated_deduplication_window = 1000`,
  );
  const insert = (url: string, a: number): Promise<string> =>
    run(`${url}/?insert_deduplication_token=${a}`, `INSERT INTO t VALUES (${a})`);
  for (let a = 1; a <= INSERTS; a += 1) await insert(first.url, a);
  process.kill(await readPid(join(directory, 'pid')), 'SIGKILL');
  expect((await ended.promise).code).toBe('engine_failed');

  const second = await start(() => undefined);
  expect(await run(second.url, 'SELECT count(), max(a) FROM t')).toBe(`${INSERTS}\t${INSERTS}`);
  await insert(second.url, INSERTS);
  expect(await run(second.url, 'SELECT count() FROM t')).toBe(String(INSERTS));
  await second.close();
});
