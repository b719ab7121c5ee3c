import { randomBytes } from 'node:crypto';

import {
  type Components,
  DEFAULT_DEFINITIONS,
  type KpiEvent,
  type KpiQuery,
  days,
} from '@kpi/core';
import { type Environment, createLog } from '@kpi/runtime';
import { afterAll, afterEach, beforeAll } from 'vitest';

import { type HistoryConfig, connect } from './connection.ts';
import { type EventRow } from './event-columns.ts';
import { type History, createHistory } from './history.ts';
import { type ReadOptions } from './read-kpi.ts';
import { day } from './test-events.ts';

/** A history in a database of its own, on the ClickHouse of KPI_CLICKHOUSE_URL. */
export interface TestHistory {
  readonly history: History;
  readonly config: HistoryConfig;
  /** Insert events in the given order, at the next offsets. */
  insert(...events: readonly KpiEvent[]): Promise<void>;
  /** Components by group, the values of a group joined with `|`. */
  read(query: TestQuery, options?: ReadOptions): Promise<Readonly<Record<string, Components>>>;
  /** Rows of any statement; `{{database}}` is the test's own. */
  select(statement: string): Promise<readonly unknown[]>;
  /** Run any statement; `{{database}}` is the test's own. */
  run(statement: string): Promise<void>;
  /** Forget all events, and begin again at offset 0. */
  clear(): Promise<void>;
  /** Drop the database. */
  close(): Promise<void>;
}

/** A query with defaults: window 28 d, whole, as of day `asOf`. */
type TestQuery = Partial<Omit<KpiQuery, 'asOf' | 'kpiId'>> & {
  readonly kpiId: string;
  readonly asOf: number;
};

const QUIET = createLog({ name: 'test', level: 'silent' });

export function testConfig(environment: Environment = process.env): HistoryConfig {
  return {
    KPI_CLICKHOUSE_URL: environment['KPI_CLICKHOUSE_URL'] ?? '',
    KPI_CLICKHOUSE_USER: undefined,
    KPI_CLICKHOUSE_PASSWORD: undefined,
    KPI_CLICKHOUSE_DATABASE: `t${randomBytes(6).toString('hex')}`,
  };
}

export function rowsOf(events: readonly KpiEvent[], firstOffset = 0): readonly EventRow[] {
  return events.map((event, index) => ({
    event,
    topic: 'kpi.test.v1',
    partition: 0,
    offset: firstOffset + index,
  }));
}

export async function createTestHistory(): Promise<TestHistory> {
  const config = testConfig();
  const client = connect(config);
  const history = createHistory(config, QUIET);
  const named = (statement: string): string =>
    statement.replaceAll('{{database}}', config.KPI_CLICKHOUSE_DATABASE);
  await history.migrate();
  let offset = 0;
  let inserts = 0;
  return {
    history,
    config,
    async insert(...events) {
      const rows = rowsOf(events, offset);
      offset += events.length;
      inserts += 1;
      await history.insertEvents({ rows, token: `token-${inserts}` });
    },
    async read({ kpiId, asOf, ...given }, options) {
      const query: KpiQuery = {
        tenantId: 'default',
        windowMs: days(28),
        by: [],
        filter: {},
        definitions: DEFAULT_DEFINITIONS,
        ...given,
        kpiId,
        asOf: [day(asOf)],
      };
      const rows = await history.read(query, options);
      return Object.fromEntries(rows.map((row) => [row.group.join('|'), row.components]));
    },
    async select(statement) {
      const result = await client.query({ query: named(statement), format: 'JSONEachRow' });
      return result.json();
    },
    async run(statement) {
      await client.command({ query: named(statement) });
    },
    async clear() {
      for (const table of ['events', 'merge_records', 'membership_records', 'unplaced_users'])
        await client.command({ query: named(`TRUNCATE TABLE {{database}}.${table} SYNC`) });
      offset = 0;
    },
    async close() {
      await client.command({ query: named('DROP DATABASE {{database}} SYNC') });
      await client.close();
      await history.close();
    },
  };
}

/** One for all tests of a file or of a `describe`, emptied after each of them. */
export function testHistoryOfFile(): TestHistory {
  let made: TestHistory | undefined;
  const held = (): TestHistory => {
    if (made === undefined) throw new RangeError('there is a history while tests run');
    return made;
  };
  beforeAll(async () => {
    made = await createTestHistory();
  });
  afterEach(() => held().clear());
  afterAll(() => held().close());
  return {
    get history() {
      return held().history;
    },
    get config() {
      return held().config;
    },
    insert: (...events) => held().insert(...events),
    read: (query, options) => held().read(query, options),
    select: (statement) => held().select(statement),
    run: (statement) => held().run(statement),
    clear: () => held().clear(),
    close: () => held().close(),
  };
}
