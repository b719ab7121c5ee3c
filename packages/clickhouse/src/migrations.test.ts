import { createHash } from 'node:crypto';

import { expect, test } from 'vitest';

import { migrationFiles, sqlText } from './sql-text.ts';

/** What installations have applied: they refuse to start when it is another. A change is a new file and a line here. */
const PUBLISHED: Readonly<Record<string, string>> = {
  '0001_create_events.sql': '5aa6bae2f7091c5e',
  '0002_create_effective_events.sql': '9bec12043731ecb4',
  '0003_create_account_histories.sql': '8272ecc77c4781fd',
  '0004_create_fx_factors.sql': '69cada198464c006',
  '0005_create_consumer_views.sql': '5c5560baf24025a6',
  '0006_create_published_values.sql': '8689729ae2e21d48',
  '0007_keep_small_parts_compact.sql': '10b250868035377d',
  '0008_create_kept_units.sql': 'ded69533ab89dbdd',
  '0009_note_earlier_changes.sql': '03cb71aad7d4b317',
  '0010_keep_units_of_more_kpis.sql': '8dbeb9066f225bff',
  '0011_keep_units_of_history.sql': '95a00f9e6e04470c',
  '0012_merge_accounts_and_users.sql': 'c31087f1a89c9d39',
  '0013_keep_answers_of_accounts.sql': '5b51d6489e4e7840',
  '0014_note_erasures.sql': '710a1a24337fb0b6',
  '0015_keep_accounts.sql': 'c894f3688df9c085',
  '0016_create_exposures.sql': '45ec5cdc6c188843',
  '0017_train_accounts_by_members.sql': '743ac5a63a4be707',
  '0018_keep_referred_accounts.sql': '9a9e819a1e3fba9b',
  '0019_place_events.sql': '874c155ac315dd42',
  '0020_move_tickets.sql': '3bd3a3684fb07311',
  '0021_date_refunds.sql': 'dc580c9c14bba0cb',
  '0022_recognise_cancellations.sql': '28f9a4f193850947',
};

test('a published migration stays as it is', () => {
  const checksums = migrationFiles().map((name) => {
    const text = sqlText(`migrations/${name}`, 'database');
    return [name, createHash('sha256').update(text).digest('hex').slice(0, 16)];
  });
  expect(Object.fromEntries(checksums)).toEqual(PUBLISHED);
});
