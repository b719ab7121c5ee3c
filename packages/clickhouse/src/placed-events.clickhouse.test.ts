import { type KpiEvent } from '@kpi/core';
import { createLog } from '@kpi/runtime';
import { afterEach, beforeEach, expect, test } from 'vitest';

import { connect } from './connection.ts';
import { blocksOf } from './event-block.ts';
import { Following } from './following.ts';
import { createHistory } from './history.ts';
import { day, joined, left, retractionOf, ticketCreated } from './test-events.ts';
import { type TestHistory, createTestHistory, rowsOf } from './test-history.ts';

let it: TestHistory;

beforeEach(async () => {
  it = await createTestHistory();
});

afterEach(async () => {
  await it.close();
});

/** Accounts of the tickets that count, in their order. */
async function accounts(bound = 'map()'): Promise<readonly unknown[]> {
  const rows = await it.select(
    `SELECT account_id
     FROM {{database}}.effective_events(
       tenants = ['default'], types = ['support.ticket_created'], offset_bound = ${bound})
     ORDER BY at`,
  );
  return rows.map((row) => Object.values(Object(row))[0]);
}

/** What effective_events is made of. */
async function view(): Promise<string> {
  const rows = await it.select(
    `SELECT create_table_query FROM system.tables
     WHERE database = '{{database}}' AND name = 'effective_events'`,
  );
  return JSON.stringify(rows);
}

function ticket(at: number, given: Partial<KpiEvent> = {}): KpiEvent {
  const { account_id: account = null, user_id: user = 'u1' } = given;
  return ticketCreated(at, { account_id: account, user_id: user });
}

function merged(from: string, into: string, kind: 'account' | 'user'): KpiEvent {
  const { event_type: _type, ...ticketed } = ticketCreated(1, { account_id: from });
  const envelope = Object.fromEntries(
    Object.entries(ticketed).filter(
      ([name]) => !name.startsWith('is_') && !name.includes('ticket'),
    ),
  );
  const names = { [`from_${kind}_id`]: from, [`into_${kind}_id`]: into };
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- put together from fields by name
  return {
    ...envelope,
    ...names,
    event_type: `${kind}.merged`,
    event_id: `${from}-${into}`,
  } as never;
}

/** Insert as another process of the archive would. */
async function insertElsewhere(event: KpiEvent, offset: number): Promise<void> {
  const other = createHistory(it.config, createLog({ name: 'test', level: 'silent' }));
  await other.insertEvents({ rows: rowsOf([event], offset), token: `elsewhere-${offset}` });
  await other.close();
}

test('what names a user and no account is of the account that the user belonged to', async () => {
  await it.insert(ticket(1), ticket(3), ticket(5), ticket(7), ticket(3.5, { user_id: 'u2' }));
  expect(await accounts()).toEqual(['', '', '', '', '']);
  const join = joined(3, { user_id: 'u1', account_id: 'a1' });
  await it.insert(join, left(5, { user_id: 'u1', account_id: 'a1' }));
  expect(await accounts()).toEqual(['', 'a1', '', '', '']);
  await it.insert(joined(6, { user_id: 'u1', account_id: 'a2' }));
  expect(await accounts()).toEqual(['', 'a1', '', '', 'a2']);
  expect(await accounts("map('kpi.test.v1:0', toInt64(6))")).toEqual(['', 'a1', '', 'a1', 'a1']);
  await it.insert(retractionOf(join));
  expect(await accounts()).toEqual(['', '', '', '', 'a2']);
});

test('an event that names its account stays with it, and so does a join that was sent twice', async () => {
  const join = joined(1, { user_id: 'u1', account_id: 'a1', event_id: 'join' });
  await it.insert(ticket(2), ticket(3, { account_id: 'a9' }), join, join);
  const corrected = { ...join, account_id: 'a2', source_version: 1, occurred_at: day(1) };
  expect(await accounts()).toEqual(['a1', 'a9']);
  await it.insert(corrected);
  expect(await accounts()).toEqual(['a2', 'a9']);
});

test('users and accounts that were merged are one, whatever came first', async () => {
  await it.insert(ticket(2, { user_id: 'u2' }), ticket(4), merged('a1', 'a3', 'account'));
  await it.insert(joined(1, { user_id: 'u1', account_id: 'a1' }), merged('u2', 'u1', 'user'));
  expect(await accounts()).toEqual(['a3', 'a3']);
  // To leave what the account was merged into is to leave it.
  await it.insert(left(3, { user_id: 'u1', account_id: 'a3' }));
  expect(await accounts()).toEqual(['a3', '']);
});

test('questions become costlier only where there are such users and memberships', async () => {
  await it.insert(ticket(2), ticket(3, { account_id: 'a9' }));
  expect(await view()).not.toContain('placed');
  await insertElsewhere(joined(1, { user_id: 'u1', account_id: 'a1' }), 2);
  expect(await view()).toContain('placed');
  // Another one that has heard of neither does not undo it.
  await insertElsewhere(merged('a1', 'a3', 'account'), 3);
  expect(await view()).toContain('placed');
  expect(await accounts()).toEqual(['a3', 'a9']);
});

test('what two processes insert at the same time is followed by whoever looks last', async () => {
  const target = {
    client: connect(it.config),
    database: it.config.KPI_CLICKHOUSE_DATABASE,
    log: createLog({ name: 'test', level: 'silent' }),
  };
  const following = new Following(target);
  const blocks = blocksOf(rowsOf([ticket(2)]));
  await following.before(blocks);
  await it.run("INSERT INTO {{database}}.unplaced_users VALUES ('default', 'u1')");
  await it.run(
    "INSERT INTO {{database}}.membership_records (tenant_id, user_id) VALUES ('default', 'u1')",
  );
  expect(await view()).not.toContain('placed');
  await following.after(blocks);
  expect(await view()).toContain('placed');
  await target.client.close();
});

test('a database that was filled before has it from the next migration on', async () => {
  await it.insert(joined(1, { user_id: 'u1', account_id: 'a1' }), ticket(2));
  await it.run('CREATE OR REPLACE VIEW {{database}}.effective_events AS SELECT 1');
  await it.history.migrate();
  expect(await accounts()).toEqual(['a1']);
});
