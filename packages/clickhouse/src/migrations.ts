import { createHash } from 'node:crypto';

import { Fault } from '@kpi/core';
import { z } from 'zod';

import { reach } from './connection.ts';
import { followWhatIsThere } from './following.ts';
import { type MigrationTarget, rows, run, withLock } from './migration-lock.ts';
import { migrationFiles, sqlText, statementsOf } from './sql-text.ts';

const APPLIED = z.object({ version: z.number(), checksum: z.string() });

/**
 * Create the database and apply what is missing of sql/migrations/, in order. Processes that race wait for each other; every
 * statement can run twice, so that a process that died halfway does no harm either.
 * Throws `store_corrupt` when an applied migration is no longer what it was.
 */
export async function migrate(target: MigrationTarget): Promise<void> {
  await run(target, 'queries/create-database.sql');
  await run(target, 'queries/create-migrations-table.sql');
  await withLock(target, () => applyMissing(target));
  await followWhatIsThere(target);
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
