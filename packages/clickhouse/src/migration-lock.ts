import { ClickHouseError, type ClickHouseClient } from '@clickhouse/client';
import { Fault } from '@kpi/core';
import { type Logger, pause } from '@kpi/runtime';
import { z } from 'zod';

import { reach } from './connection.ts';
import { sqlText } from './sql-text.ts';

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

const AGE = z.object({ age_seconds: z.number() });

/** Creating a table is atomic, so a table is the lock. */
export async function withLock(target: MigrationTarget, work: () => Promise<void>): Promise<void> {
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

export async function run({ client, database }: MigrationTarget, file: string): Promise<void> {
  await reach('migrate', client.command({ query: sqlText(file, database) }));
}

export async function rows<Row>(
  client: ClickHouseClient,
  query: string,
  row: z.ZodType<Row>,
): Promise<readonly Row[]> {
  const result = await reach('migrate', client.query({ query, format: 'JSONEachRow' }));
  return z.array(row).parse(await result.json());
}
