import { Fault } from '@kpi/core';
import { createLog } from '@kpi/runtime';
import { describe, expect, test } from 'vitest';

import { connect } from './connection.ts';
import { createHistory } from './history.ts';
import { migrationFiles } from './sql-text.ts';
import { answered, enrolled, invoicePaid, ticketCreated } from './test-events.ts';
import { createTestHistory, rowsOf, testConfig, testHistoryOfFile } from './test-history.ts';

const log = createLog({ name: 'test', level: 'silent' });

describe('inserting', () => {
  const it = testHistoryOfFile();

  test('the same token inserts once, though the rows span three months and come in another order', async () => {
    const rows = rowsOf(
      [1, 40, 70].map((at) => invoicePaid(at, { account_id: 'a1', amount_net_minor: at })),
    );
    await it.history.insertEvents({ rows, token: 'same' });
    await it.history.insertEvents({ rows, token: 'same' });
    await it.history.insertEvents({ rows: rows.toReversed(), token: 'same' });
    expect(await it.history.partitionCounts()).toMatchObject([
      { rows: 3, events: 3, nextOffset: 3 },
    ]);
  });

  test('what arrived of a batch in some months is completed by its repetition', async () => {
    const rows = rowsOf(
      [1, 40, 70].map((at) => invoicePaid(at, { account_id: 'a1', amount_net_minor: at })),
    );
    // A crash in the middle of an insert leaves some of its months.
    await it.history.insertEvents({ rows: rows.slice(0, 2), token: 'half' });
    await it.history.insertEvents({ rows, token: 'half' });
    expect(await it.history.partitionCounts()).toMatchObject([{ rows: 3, nextOffset: 3 }]);
  });

  test('rows of another token stay, equal or not: physical rows are records', async () => {
    const [row] = rowsOf([invoicePaid(1, { account_id: 'a1', amount_net_minor: 1 })]);
    if (row === undefined) throw new Error('no row');
    await it.history.insertEvents({ rows: [row], token: 'a' });
    await it.history.insertEvents({ rows: [{ ...row, offset: 1 }], token: 'b' });
    await it.select('SELECT 1 AS one');
    expect(await it.history.partitionCounts()).toMatchObject([{ rows: 2, events: 1 }]);
  });

  test('counts stop at the bound of each partition', async () => {
    await it.insert(
      ...[1, 2, 3].map((at) => invoicePaid(at, { account_id: 'a1', amount_net_minor: at })),
    );
    const counts = await it.history.partitionCounts({ offsetBound: { 'kpi.test.v1:0': 2 } });
    expect(counts).toEqual([
      { topic: 'kpi.test.v1', partition: 0, rows: 2, events: 2, nextOffset: 2 },
    ]);
    expect(await it.history.partitionCounts({ topics: ['other'] })).toEqual([]);
  });

  test('every text arrives as it was sent', async () => {
    const texts = [
      '',
      'tab\there',
      'line\nbreak\r\n',
      String.raw`\N`,
      String.raw`a\tb\\`,
      `it's "q"`,
      'ü 漢 🙂',
      'nul\0',
    ];
    await it.insert(
      ...texts.map((text, index) => ({
        ...enrolled(index, { user_id: 'u1', course_id: text }),
        external_ids: { [text]: text, other: 'x' },
        attributes: {},
      })),
    );
    const rows = await it.select(
      'SELECT course_id, external_ids, currency, attributes FROM {{database}}.events ORDER BY _offset',
    );
    expect(rows).toEqual(
      texts.map((text) => ({
        course_id: text,
        external_ids: { [text]: text, other: 'x' },
        currency: null,
        attributes: {},
      })),
    );
  });

  test('numbers, booleans, times and nulls arrive as they were sent', async () => {
    const times = [0, -1, 1_700_000_000_123, 9_999_999_999_999, 10_000_000_000_000, -1e15, 8.64e15];
    await it.insert(
      ...times.map((at) => ({ ...ticketCreated(0, { account_id: 'a1' }), occurred_at: at })),
      answered(0, { user_id: 'u1', score: null, scale_min: -3, scale_max: 3 }),
    );
    const rows = await it.select(
      `SELECT toString(toUnixTimestamp64Milli(occurred_at)) AS at, is_support, scale_min, score, account_id
       FROM {{database}}.events ORDER BY _offset`,
    );
    const ticket = { is_support: true, scale_min: null, score: null, account_id: 'a1' };
    const held = [...times.slice(0, 5), Date.UTC(1900, 0, 1), Date.UTC(2300, 0, 1) - 1];
    expect(rows.slice(0, times.length)).toEqual(held.map((at) => ({ at: String(at), ...ticket })));
    expect(rows.at(-1)).toMatchObject({
      is_support: null,
      scale_min: -3,
      score: null,
      account_id: '',
    });
  });
});

describe('migrating', () => {
  test('processes that race apply each migration once, and a second time does nothing', async () => {
    const config = testConfig();
    const histories = Array.from({ length: 3 }, () => createHistory(config, log));
    const client = connect(config);
    const database = config.KPI_CLICKHOUSE_DATABASE;
    try {
      await Promise.all(histories.map((history) => history.migrate()));
      await histories[0]?.migrate();
      const applied = await client.query({
        query: `SELECT name FROM ${database}.migrations ORDER BY version`,
        format: 'JSONEachRow',
      });
      expect(await applied.json()).toEqual(migrationFiles().map((name) => ({ name })));
    } finally {
      await client.command({ query: `DROP DATABASE ${database} SYNC` });
      await Promise.all([...histories, client].map((one) => one.close()));
    }
  });

  test('a migration that is not what was applied stops everything', async () => {
    const it = await createTestHistory();
    try {
      await it.select(
        "SELECT 1 AS one FROM {{database}}.migrations WHERE version = 1 AND checksum != ''",
      );
      const client = connect(it.config);
      await client.command({
        query: `ALTER TABLE ${it.config.KPI_CLICKHOUSE_DATABASE}.migrations
                UPDATE checksum = 'other' WHERE version = 1 SETTINGS mutations_sync = 2`,
      });
      await client.close();
      await expect(it.history.migrate()).rejects.toMatchObject({ code: 'store_corrupt' });
    } finally {
      await it.close();
    }
  });
});

test('a server that does not answer is a fault worth another try', async () => {
  const history = createHistory({ ...testConfig(), KPI_CLICKHOUSE_URL: 'http://127.0.0.1:1' }, log);
  const failed = await history.ping().catch((error: unknown) => error);
  const also = await history.partitionCounts().catch((error: unknown) => error);
  await history.close();
  expect(
    [failed, also].map((fault) => fault instanceof Fault && [fault.code, fault.retryable]),
  ).toEqual([
    ['history_unreachable', true],
    ['history_unreachable', true],
  ]);
});
