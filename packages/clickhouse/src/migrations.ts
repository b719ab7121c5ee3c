import { createHash } from 'node:crypto';

import { ClickHouseError, type ClickHouseClient } from '@clickhouse/client';
import { Fault } from '@kpi/core';
import { type Logger, pause } from '@kpi/runtime';
import { z } from 'zod';

import { reach } from './connection.ts';
import { migrationFiles, sqlText, statementsOf } from './sql-text.ts';

export interface MigrationTarget {
  readonly client: ClickHouseClient;
  readonly database: string;
  readonly log: Logger;
}

/** A lock older than this belongs to a process that died. */
const LOCK_AGE_SECONDS_MAX = 60;
const LOCK_POLL_MS = 200;
const LOCK_POLLS_MAX = 600;
const TABLE_ALREADY_EXISTS = '57';

const APPLIED = z.object({ version: z.number(), checksum: z.string() });
const MERGE = z.object({ kind: z.string() });
const AGE = z.object({ age_seconds: z.number() });

/**
 * Create the database and apply what is missing of sql/migrations/, in order. Processes that race wait for each other; every
 * statement can run twice, so that a process that died halfway does no harm either.
 * Throws `store_corrupt` when an applied migration is no longer what it was.
 */
export async function migrate(target: MigrationTarget): Promise<void> {
  await run(target, 'queries/create-database.sql');
  await run(target, 'queries/create-migrations-table.sql');
  await withLock(target, () => applyMissing(target));
  const found = await rows(
    target.client,
    sqlText('queries/find-merge.sql', target.database),
    MERGE,
  );
  if (found.length > 0) await followMerges(target);
}

/** From now on events name the accounts and users that theirs were merged into. */
export async function followMerges({
  client,
  database,
}: Omit<MigrationTarget, 'log'>): Promise<void> {
  const query = sqlText('queries/follow-merges.sql', database);
  await reach('follow merges', client.command({ query }));
}

async function applyMissing({ client, database, log }: MigrationTarget): Promise<void> {
  const applied = new Map(
    (await rows(client, sqlText('queries/read-migrations.sql', database), APPLIED)).map((row) => [
      row.version,
      row.checksum,
    ]),
  );
  for (const name of migrationFiles()) {
    const version = Number(name.slice(0, 4));
    const text = sqlText(`migrations/${name}`, database);
    const checksum = createHash('sha256').update(text).digest('hex');
    const known = applied.get(version);
    if (known === checksum) continue;
    if (known !== undefined) {
      throw new Fault('store_corrupt', `migration ${name} was changed after it had been applied`);
    }
    for (const statement of statementsOf(text)) {
      await reach('migrate', client.command({ query: statement }));
    }
    await reach(
      'migrate',
      client.command({
        query: sqlText('queries/record-migration.sql', database),
        query_params: { version, name, checksum },
      }),
    );
    log.info({ migration: name, database }, 'migration applied');
  }
}

/** Creating a table is atomic, so a table is the lock. */
async function withLock(target: MigrationTarget, work: () => Promise<void>): Promise<void> {
  await acquire(target);
  try {
    await work();
  } finally {
    await run(target, 'queries/drop-migration-lock.sql');
  }
}

async function acquire(target: MigrationTarget): Promise<void> {
  for (let poll = 0; poll < LOCK_POLLS_MAX; poll += 1) {
    if (await tryLock(target)) return;
    const ages = await rows(
      target.client,
      sqlText('queries/read-migration-lock-age.sql', target.database),
      AGE,
    );
    if (ages.some((lock) => lock.age_seconds > LOCK_AGE_SECONDS_MAX)) {
      target.log.warn({ database: target.database }, 'migration lock was left behind');
      await run(target, 'queries/drop-migration-lock.sql');
    }
    await pause(LOCK_POLL_MS);
  }
  throw new Fault('history_unreachable', 'migrate: another process has held the lock for too long');
}

async function tryLock(target: MigrationTarget): Promise<boolean> {
  try {
    await run(target, 'queries/create-migration-lock.sql');
    return true;
  } catch (error) {
    if (error instanceof ClickHouseError && error.code === TABLE_ALREADY_EXISTS) return false;
    throw error;
  }
}

async function run({ client, database }: MigrationTarget, file: string): Promise<void> {
  await reach('migrate', client.command({ query: sqlText(file, database) }));
}

async function rows<Row>(
  client: ClickHouseClient,
  query: string,
  row: z.ZodType<Row>,
): Promise<readonly Row[]> {
  const result = await reach('migrate', client.query({ query, format: 'JSONEachRow' }));
  return z.array(row).parse(await result.json());
}
