import { type ClickHouseClient, type ClickHouseSettings } from '@clickhouse/client';
import { type Subject } from '@kpi/core';
import { z } from 'zod';

import { type HistoryConfig, connect, reach } from './connection.ts';
import { sqlText } from './sql-text.ts';

/** Somebody who is to be forgotten. */
interface NamedSubject {
  readonly tenantId: string;
  readonly subject: Subject;
}

/** Of whom homes hold something. */
export interface NamedHomes {
  /** Subjects whose homes they are. */
  readonly homes: readonly Subject[];
  /** Users of whom homes tell each other. */
  readonly users: readonly string[];
}

/** An erasure whose rows are gone. */
interface NotedErasure extends NamedSubject {
  readonly id: string;
  readonly hash: string;
  readonly requestedAt: number;
  readonly events: number;
}

/** Takes somebody out of the history store. Every call may throw `history_unreachable` and may be repeated. */
export interface HistoryEraser {
  /** Rows that name a subject, by `topic:partition`. */
  counts(named: NamedSubject): Promise<ReadonlyMap<string, number>>;
  homes(named: NamedSubject): Promise<NamedHomes>;
  /** Remove every row that names a subject; returns when they are gone. */
  remove(named: NamedSubject): Promise<void>;
  /** Let no read use units that were derived with those rows. */
  note(erasure: NotedErasure): Promise<void>;
  close(): Promise<void>;
}

/** Removing rewrites every part that holds a row. */
const REMOVING_MS_MAX = 1_800_000;
/** Wait for this server and its replicas. */
const SYNCHRONOUS: ClickHouseSettings = {
  mutations_sync: '2',
  // What rows say does not change while they are removed: replicas decide alike.
  allow_nondeterministic_mutations: 1,
};

const COUNT = z.object({ place: z.string(), rows: z.string().transform(Number) });
const HOME = z.object({ account: z.string(), user: z.string(), shared: z.string() });
const ID = z.object({ id: z.string() });
const TABLE = z.object({ table: z.string() });

export function createHistoryEraser(config: HistoryConfig): HistoryEraser {
  const client = connect(config, { deadlineMs: REMOVING_MS_MAX });
  const database = config.KPI_CLICKHOUSE_DATABASE;
  const ask = <Row>(file: string, row: z.ZodType<Row>, parameters: Record<string, unknown>) =>
    rowsOf(client, { query: sqlText(`queries/${file}.sql`, database), row, parameters });
  /** With all that they were ever merged with, which know of each other. */
  const mergedWith = async (
    kind: Subject['kind'],
    { tenantId: tenant, ids }: { readonly tenantId: string; readonly ids: readonly string[] },
  ): Promise<readonly string[]> => {
    const found = await ask('read-merged-with', ID, { tenant, kind, ids });
    const all = [...new Set([...ids, ...found.map(({ id }) => id)])];
    return all.length === ids.length ? all : mergedWith(kind, { tenantId: tenant, ids: all });
  };
  const command = async (file: string, parameters: Record<string, unknown>): Promise<void> => {
    const query = sqlText(`queries/${file}.sql`, database);
    const settings = { query_params: parameters, clickhouse_settings: SYNCHRONOUS };
    await reach('erase', client.command({ query, ...settings }));
  };
  return {
    async counts(named) {
      const found = await ask('read-named-counts', COUNT, parametersOf(named));
      return new Map(found.map(({ place, rows }) => [place, rows]));
    },
    async homes(named) {
      const found = await ask('read-named-homes', HOME, parametersOf(named));
      const ids = (field: keyof z.infer<typeof HOME>): readonly string[] =>
        [...new Set(found.map((row) => row[field]))].filter((id) => id !== '');
      const accounts = await mergedWith('account', { ...named, ids: ids('account') });
      const homesOf = (kind: Subject['kind'], all: readonly string[]): readonly Subject[] =>
        all.map((id) => ({ kind, id }));
      return {
        homes: [named.subject, ...homesOf('account', accounts), ...homesOf('user', ids('user'))],
        users: await mergedWith('user', { ...named, ids: ids('shared') }),
      };
    },
    async remove(named) {
      await command('delete-named-merges', parametersOf(named));
      await command('delete-named-memberships', parametersOf(named));
      await command('delete-unplaced-user', parametersOf(named));
      await command('delete-named', parametersOf(named));
      if (named.subject.kind !== 'account') return;
      for (const { table } of await ask('read-account-units', TABLE, {}))
        await command('delete-account-units', { table, ...parametersOf(named) });
    },
    note: ({ id, hash, requestedAt: requested_at, events, ...named }) =>
      command('note-erasure', {
        tenant: named.tenantId,
        kind: named.subject.kind,
        id,
        hash,
        requested_at,
        events,
      }),
    close: () => client.close(),
  };
}

function parametersOf({ tenantId: tenant, subject: { kind, id } }: NamedSubject) {
  return { tenant, kind, id };
}

async function rowsOf<Row>(
  client: ClickHouseClient,
  {
    query,
    row,
    parameters,
  }: { query: string; row: z.ZodType<Row>; parameters: Record<string, unknown> },
): Promise<readonly Row[]> {
  const result = await reach(
    'erase',
    client.query({ query, query_params: parameters, format: 'JSONEachRow' }),
  );
  return z.array(row).parse(await reach('erase', result.json()));
}
