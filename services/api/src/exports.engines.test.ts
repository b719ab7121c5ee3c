import { type IncomingMessage, get } from 'node:http';
import { setTimeout } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

import { days } from '@kpi/core';
import { tableFromIPC } from 'apache-arrow';
import { parquetReadObjects } from 'hyparquet';
import { compressors } from 'hyparquet-compressors';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { z } from 'zod';

import { type TestApi, answer, startTestApi } from './test-api.ts';

const OPEN = { KPI_REQUIRE_KEYS: 'false' };
const DAY = Date.parse('2026-01-10T00:00:00Z');

let api: TestApi;

beforeAll(async () => {
  api = await startTestApi(OPEN);
  await api.history.migrate();
  await api.history.insertEvents({
    token: 'one',
    rows: [
      answer({ event_id: 'e1', tenant_id: 'acme', occurred_at: DAY, score: 4 }),
      answer({
        event_id: 'e2',
        tenant_id: 'acme',
        occurred_at: DAY + days(1),
        score: 2,
        user_id: 'é,"x"',
      }),
      answer({ event_id: 'e3', tenant_id: 'globex', occurred_at: DAY }),
    ].map((event, offset) => ({ event, topic: 't', partition: 0, offset })),
  });
});

afterAll(async () => {
  await api.close();
});

async function download(path: string, tenant = 'acme'): Promise<Response> {
  return fetch(`${api.service.url}/v1/export/${path}`, { headers: { 'kpi-tenant': tenant } });
}

const ASKED = 'survey_responses?columns=event_id,submitted_at,score,user_id,is_latest';
const ROWS = [
  { event_id: 'e1', at: DAY, score: 4, user_id: 'e1', is_latest: true },
  { event_id: 'e2', at: DAY + days(1), score: 2, user_id: 'é,"x"', is_latest: true },
];

const column = z.object({
  event_id: z.string(),
  submitted_at: z.union([z.date(), z.number(), z.string()]),
  score: z.number(),
  user_id: z.string(),
  is_latest: z.boolean(),
});

/** Rows of any reader in one form and order. */
function plain(rows: readonly unknown[]): readonly unknown[] {
  return z
    .array(column)
    .parse(rows)
    .map(({ submitted_at: at, ...row }) => ({ ...row, at: new Date(at).getTime() }))
    .toSorted((a, b) => (a.event_id < b.event_id ? -1 : 1));
}

describe('an export of a view', () => {
  test('as Parquet is read by another program', async () => {
    const response = await download(`${ASKED}&format=parquet`);
    expect(response.headers.get('content-disposition')).toBe(
      'attachment; filename="survey_responses.parquet"',
    );
    const file = await response.arrayBuffer();
    expect(plain(await parquetReadObjects({ file, compressors }))).toEqual(ROWS);
  });

  test('as Arrow is read by another program', async () => {
    const table = tableFromIPC(await (await download(`${ASKED}&format=arrow`)).arrayBuffer());
    expect(plain(table.toArray().map((row) => row?.toJSON()))).toEqual(ROWS);
  });

  test('as lines of JSON and as CSV', async () => {
    const lines = (await (await download(`${ASKED}&format=ndjson`)).text()).trim().split('\n');
    expect(plain(lines.map((line): unknown => JSON.parse(line)))).toEqual(ROWS);
    const csv = await (await download(`${ASKED}&to=2026-01-11`)).text();
    expect(csv).toBe(
      '"event_id","submitted_at","score","user_id","is_latest"\n"e1","2026-01-10T00:00:00.000Z",4,"e1",true\n',
    );
  });

  test('holds rows from `from` to before `to`', async () => {
    const asked = async (bounds: string) =>
      (await (await download(`survey_responses?columns=event_id&${bounds}`)).text())
        .split('\n')
        .slice(1, -1);
    expect(await asked('from=2026-01-11')).toEqual(['"e2"']);
    expect(await asked('to=2026-01-11')).toEqual(['"e1"']);
    expect(await asked('from=2026-01-10&to=2026-01-10T00:00:00.001Z')).toEqual(['"e1"']);
    expect(await asked('from=2027-01-01')).toEqual([]);
  });

  test('holds nothing of another tenant', async () => {
    const csv = await (
      await download('survey_responses?columns=tenant_id,event_id', 'globex')
    ).text();
    expect(csv).toBe('"tenant_id","event_id"\n"globex","e3"\n');
  });

  test('of each view is possible, with all its columns', async () => {
    const { body } = await api.get('/v1/export');
    const { views } = z
      .object({
        views: z.array(
          z.object({ name: z.string(), columns: z.array(z.object({ name: z.string() })) }),
        ),
      })
      .parse(body);
    expect(views.map(({ name }) => name)).toContain('kpi_daily');
    for (const { name, columns } of views) {
      const response = await download(name);
      const head = (await response.text()).split('\n', 1)[0];
      expect([response.status, head]).toEqual([
        200,
        columns.map((each) => `"${each.name}"`).join(','),
      ]);
    }
  });

  test.each([
    ['nowhere', 404, 'not_found'],
    ['events', 404, 'not_found'],
    ['tickets?columns=ticket_id,body', 400, 'parameter_invalid'],
    ['tickets?format=xlsx', 400, 'parameter_invalid'],
    ['tickets?from=yesterday', 400, 'parameter_invalid'],
    ['tickets?limit=3', 400, 'parameter_invalid'],
  ])('of %s is refused with %i %s', async (path, status, code) => {
    const response = await download(path);
    expect(response.status).toBe(status);
    expect(await response.json()).toMatchObject({ code });
  });
});

/** Run a statement on the store itself; `{{database}}` is the test's own. */
async function run(statement: string): Promise<string> {
  const body = statement.replaceAll('{{database}}', api.config.KPI_CLICKHOUSE_DATABASE);
  const response = await fetch(api.config.KPI_CLICKHOUSE_URL, { method: 'POST', body });
  const text = await response.text();
  if (!response.ok) throw new Error(text);
  return text.trim();
}

setFlagsFromString('--expose-gc');
const collectGarbage = z.function().parse(runInNewContext('gc'));

/** Memory that something still holds. What a process occupies depends on when garbage was last collected. */
function bytesInUse(): number {
  collectGarbage();
  // The first gives buffers back in the background; the second waits for that.
  collectGarbage();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

describe('a large export', () => {
  const NEWLINE = 10;
  const ROWS_MADE = 200_000;
  const LARGE_BYTES = 250 * 1_048_576;
  /** What an export may keep in memory here, the client of this test included. */
  const MEMORY_BYTES_MAX = 32 * 1_048_576;
  const MEASURE_EVERY_BYTES = 16 * 1_048_576;

  beforeAll(async () => {
    await run(`INSERT INTO {{database}}.published_values
      (tenant_id, kpi_id, window_ms, dimension_value, window_to, notes)
      SELECT 'large', 'csat_score', 1, hex(randomString(32)), toDateTime64('2026-01-01', 3) + number, [hex(randomString(500))]
      FROM numbers(${ROWS_MADE})`);
  });

  test('is read as fast as it is taken, in memory that does not grow with it', async () => {
    const before = bytesInUse();
    const grown = (): number => bytesInUse() - before;
    const headers = { 'kpi-tenant': 'large' };
    const response = await new Promise<IncomingMessage>((resolve, reject) => {
      const url = `${api.service.url}/v1/export/kpi_values?format=ndjson`;
      get(url, { headers }, resolve).once('error', reject);
    });
    const { socket } = response;
    // Not read from, it stops after what the buffers of both ends hold.
    await vi.waitFor(
      async () => {
        const { bytesRead } = socket;
        await setTimeout(500);
        expect(socket.bytesRead).toBe(bytesRead);
      },
      { timeout: 20_000 },
    );
    expect(socket.bytesRead).toBeLessThan(LARGE_BYTES / 10);
    expect(grown()).toBeLessThan(MEMORY_BYTES_MAX);
    let bytes = 0;
    let lines = 0;
    let grownMax = 0;
    let measuredAt = 0;
    for await (const chunk of response) {
      if (!Buffer.isBuffer(chunk)) throw new TypeError('an answer is bytes');
      bytes += chunk.length;
      for (let at = chunk.indexOf(NEWLINE); at !== -1; at = chunk.indexOf(NEWLINE, at + 1))
        lines += 1;
      if (bytes - measuredAt < MEASURE_EVERY_BYTES) continue;
      measuredAt = bytes;
      grownMax = Math.max(grownMax, grown());
    }
    expect(measuredAt).toBeGreaterThan(0);
    expect(lines).toBe(ROWS_MADE);
    expect(bytes).toBeGreaterThan(LARGE_BYTES);
    expect(grownMax).toBeLessThan(MEMORY_BYTES_MAX);
  });

  test('that nobody waits for any more is stopped in the store, and makes room for others', async () => {
    await run(`CREATE OR REPLACE VIEW {{database}}.accounts AS
      SELECT 'acme' AS tenant_id, toString(cityHash64(number)) AS account_id, now64(3) AS created_at FROM numbers(1000000000000)`);
    const running = async (): Promise<number> =>
      Number(
        await run(`SELECT count() FROM system.processes
          WHERE query LIKE '%{{database}}%OUTFILE%' AND query NOT LIKE '%system.processes%'`),
      );
    for (let round = 0; round < 6; round += 1) {
      const leave = new AbortController();
      const path = `${api.service.url}/v1/export/accounts?columns=account_id&format=parquet`;
      const headers = { 'kpi-tenant': 'acme' };
      const asked = fetch(path, { headers, signal: leave.signal });
      await vi.waitFor(async () => expect(await running()).toBe(1), { timeout: 20_000 });
      leave.abort();
      await expect(asked).rejects.toThrow('abort');
      await vi.waitFor(async () => expect(await running()).toBe(0), { timeout: 20_000 });
    }
    expect((await download('tickets')).status).toBe(200);
  });
});
