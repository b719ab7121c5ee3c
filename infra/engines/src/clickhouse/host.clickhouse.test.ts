import { randomBytes } from 'node:crypto';
import { gzipSync } from 'node:zlib';

import { type ClickHouseClient, ClickHouseError, createClient } from '@clickhouse/client';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';

const url = process.env['KPI_CLICKHOUSE_URL'] ?? '';
const database = `t${randomBytes(6).toString('hex')}`;
const ROWS = 'a UInt64, b String';

let client: ClickHouseClient;

beforeAll(async () => {
  const first = createClient({ url });
  await first.command({ query: `CREATE DATABASE ${database}` });
  await first.close();
  client = createClient({ url, database, log: { level: 127 } });
});

afterAll(async () => {
  await client.command({ query: `DROP DATABASE ${database}` });
  await client.close();
});

async function table(columns: string, settings = ''): Promise<string> {
  const name = `t${randomBytes(4).toString('hex')}`;
  await client.command({
    query: `CREATE TABLE ${name} (${columns}) ENGINE = MergeTree ORDER BY tuple() ${settings}`,
  });
  return name;
}

async function rows(query: string, parameters: Record<string, unknown> = {}): Promise<unknown[]> {
  const result = await client.query({
    query,
    format: 'JSONCompactEachRow',
    query_params: parameters,
  });
  return result.json();
}

async function post(path: string, body: string | Buffer, headers: Record<string, string> = {}) {
  const response = await fetch(`${url}/?${path}`, { method: 'POST', body, headers });
  return { response, text: await response.text() };
}

describe('the official client', () => {
  test('pings, by itself and with a query', async () => {
    expect(await client.ping()).toEqual({ success: true });
    expect(await client.ping({ select: true })).toEqual({ success: true });
  });

  test('binds parameters of every shape, hostile text included', async () => {
    const text = `it's "x"\n\t\\ {a:String} ; -- $ ÿ 漢`;
    expect(
      await rows(
        `SELECT {ids:Array(Int64)}, {tags:Map(String, Array(String))}, {text:String}, {none:Nullable(String)}, {big:UInt64}`,
        { ids: [1, -2], tags: { [text]: [text, ''] }, text, none: null, big: 2n ** 63n },
      ),
    ).toEqual([[[1, -2], { [text]: [text, ''] }, text, null, Number(2n ** 63n)]]);
  });

  test('does not see the parameters and settings of the request before', async () => {
    expect(await rows('SELECT {left:Int64}', { left: 1 })).toEqual([[1]]);
    await expect(rows('SELECT {left:Int64}')).rejects.toMatchObject({ code: '456' });
    const setting = "SELECT getSetting('max_block_size')";
    const result = await client.query({
      query: setting,
      clickhouse_settings: { max_block_size: '77' },
      format: 'JSONCompactEachRow',
    });
    expect(await result.json()).toEqual([[77]]);
    expect(await rows(setting)).not.toEqual([[77]]);
  });

  test('inserts text and binary formats, with column defaults where a row says nothing', async () => {
    const name = await table(`a UInt64, b String DEFAULT concat('row ', toString(a))`);
    await client.insert({
      table: name,
      values: [{ a: 1 }, { a: 2, b: 'é' }],
      format: 'JSONEachRow',
    });
    await post(`database=${database}&query=INSERT INTO ${name} (a) FORMAT TSV`, '3\n4\n');
    await post(`database=${database}`, `INSERT INTO ${name} FORMAT CSV\n5,"a;b"\n`);
    await post(`database=${database}`, `INSERT INTO ${name} (a, b) VALUES (6, 'v')`);
    const binary = Buffer.from([7, 0, 0, 0, 0, 0, 0, 0, 2, 0xff, 0x0a]);
    await post(`database=${database}&query=INSERT INTO ${name} FORMAT RowBinary`, binary);
    expect(await rows(`SELECT a, hex(b) FROM ${name} ORDER BY a`)).toEqual(
      [
        ...['row 1', 'é', 'row 3', 'row 4', 'a;b', 'v'].map((b) => Buffer.from(b)),
        Buffer.from([0xff, 0x0a]),
      ].map((b, index) => [index + 1, b.toString('hex').toUpperCase()]),
    );
  });

  test('gets back in a binary format what it inserted in it', async () => {
    const name = await table(ROWS);
    const source = await fetch(
      `${url}/?query=SELECT number AS a, randomString(9) AS b FROM numbers(1000) FORMAT Native`,
    );
    const native = Buffer.from(await source.arrayBuffer());
    await post(`database=${database}&query=INSERT INTO ${name} FORMAT Native`, native);
    const back = await fetch(
      `${url}/?database=${database}&query=SELECT a, b FROM ${name} ORDER BY a FORMAT Native`,
    );
    expect(Buffer.from(await back.arrayBuffer()).equals(native)).toBe(true);
  });

  test('inserts a block once per deduplication token', async () => {
    const name = await table(ROWS, 'SETTINGS non_replicated_deduplication_window = 100');
    const insert = (token: string) =>
      client.insert({
        table: name,
        values: [{ a: 1, b: 'x' }],
        format: 'JSONEachRow',
        clickhouse_settings: { insert_deduplication_token: token },
      });
    await insert('one');
    await insert('one');
    await insert('two');
    expect(await rows(`SELECT count() FROM ${name}`)).toEqual([[2]]);
  });

  test('is told how much was written, and under which query id', async () => {
    const name = await table(ROWS);
    const values = [1, 2, 3].map((a) => ({ a, b: '' }));
    const result = await client.insert({
      table: name,
      values,
      format: 'JSONEachRow',
      query_id: 'q1',
    });
    expect(result).toMatchObject({ query_id: 'q1', summary: { written_rows: '3' } });
  });

  test('streams 200,000 rows in and out, compressed both ways', async () => {
    const gzip = createClient({ url, database, compression: { request: true, response: true } });
    const name = await table(ROWS);
    const values = Array.from({ length: 200_000 }, (_, a) => ({ a, b: `row ${a}` }));
    await gzip.insert({ table: name, values, format: 'JSONEachRow' });
    const result = await gzip.query({ query: `SELECT a FROM ${name}`, format: 'JSONEachRow' });
    let sum = 0;
    for await (const batch of result.stream<{ a: number }>()) {
      for (const row of batch) sum += row.json().a;
    }
    expect(sum).toBe((200_000 * 199_999) / 2);
    await gzip.close();
  });

  test('runs slow queries side by side', async () => {
    const started = performance.now();
    await Promise.all([1, 2, 3, 4].map(() => rows('SELECT sleep(1)')));
    expect(performance.now() - started).toBeLessThan(3500);
  });
});

test('a query whose client has gone is stopped when it asks for that', async () => {
  const leave = new AbortController();
  const query = client.query({
    query: 'SELECT sum(cityHash64(number)) AS gone FROM numbers(1000000000000)',
    format: 'JSONEachRow',
    clickhouse_settings: { cancel_http_readonly_queries_on_client_close: 1 },
    abort_signal: leave.signal,
  });
  const running = () =>
    rows(
      `SELECT count() FROM system.processes WHERE query LIKE '%AS gone FROM%' AND query NOT LIKE '%processes%'`,
    );
  await vi.waitFor(async () => expect(await running()).toEqual([[1]]), { timeout: 20_000 });
  leave.abort();
  await expect(query).rejects.toThrow('abort');
  await vi.waitFor(async () => expect(await running()).toEqual([[0]]), { timeout: 20_000 });
});

describe('an error', () => {
  test('of the engine reaches the client with its code', async () => {
    const error: unknown = await rows('SELECT nowhere').catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(ClickHouseError);
    expect(error).toMatchObject({ code: '47', type: 'UNKNOWN_IDENTIFIER' });
  });

  test.each([
    ['SELEC 1', 400, '62'],
    ['SELECT 1; SELECT 2', 400, '62'],
    ['SELECT * FROM nowhere', 404, '60'],
    ['SELECT {a:Int64}', 400, '456'],
    [`SELECT throwIf(number = 70000) FROM numbers(100000)`, 500, '395'],
    ['1 + 1', 400, '62'],
  ])('of %s has the status %d and the code %s', async (query, status, code) => {
    const { response, text } = await post('', query);
    expect(response.status).toBe(status);
    expect(response.headers.get('x-clickhouse-exception-code')).toBe(code);
    expect(text).toMatch(new RegExp(`^Code: ${code}\\. DB::Exception: [\\s\\S]+ \\(version \\S+`));
  });

  test.each([
    ['database=nowhere', 404, '81'],
    ['no_such_setting=1', 404, '115'],
    ['max_threads=many', 400, '27'],
    ['session_id=1', 501, '48'],
  ])('of ?%s has the status %d and the code %s', async (path, status, code) => {
    const { response } = await post(path, 'SELECT 1');
    expect([response.status, response.headers.get('x-clickhouse-exception-code')]).toEqual([
      status,
      code,
    ]);
  });

  test('of bytes that are not gzip is told, and the connection goes on', async () => {
    const headers = { 'content-encoding': 'gzip' };
    expect((await post('', Buffer.from('no gzip'), headers)).response.status).toBe(400);
    expect((await post('', gzipSync('SELECT 7'), headers)).text).toBe('7\n');
  });

  test('of a statement that is too large is 413', async () => {
    const { response } = await post('', Buffer.alloc(65 * 1024 ** 2, 'x'));
    expect(response.status).toBe(413);
  });

  test('of a broken row keeps the rows of that insert out', async () => {
    const name = await table(ROWS);
    const { response } = await post(
      `database=${database}&query=INSERT INTO ${name} FORMAT JSONEachRow`,
      '{"a":1}\n{"a":"x"}\n',
    );
    expect(response.status).toBe(400);
    expect(await rows(`SELECT count() FROM ${name}`)).toEqual([[0]]);
  });
});

test('GET answers queries and changes nothing', async () => {
  const ok = await fetch(`${url}/?query=SELECT 1 FORMAT JSONEachRow`);
  expect(await ok.text()).toBe('{"1":1}\n');
  const refused = await fetch(`${url}/?query=CREATE DATABASE ${database}_2`);
  expect(refused.headers.get('x-clickhouse-exception-code')).toBe('164');
});
