import { readFileSync, readdirSync } from 'node:fs';

const FOLDER = new URL('../sql/', import.meta.url);
const texts = new Map<string, string>();

/**
 * Text of a file below sql/, `{{part:name}}` replaced by what lies in sql/parts/, `{{by:dimension}}` by the group of that
 * dimension's value, and `{{database}}` by its name. The place of a
 * cluster clause is here too: `{{on_cluster}}` would be replaced the same way. The name is checked by the configuration, so it
 * needs no quotes.
 */
export function sqlText(file: string, database: string): string {
  const text = texts.get(file) ?? readText(file);
  texts.set(file, text);
  return text.replaceAll('{{database}}', database);
}

function readText(file: string): string {
  return readFileSync(new URL(file, FOLDER), 'utf8')
    .replaceAll(/\{\{part:(\w+)\}\}/g, (_, name: string) => readText(`parts/${name}.sql`).trimEnd())
    .replaceAll(/\{\{by:(\w+)\}\}/g, (_, dimension: string) =>
      readText('parts/group_of_value.sql').trimEnd().replaceAll('{{dimension}}', dimension),
    );
}

/** Where units of KPIs are read from: derived from all events anew, or kept. */
export type UnitSource = 'units' | 'kept';

/** Text of a file with the query of units in place of each `{{units:name}}`. */
export function textOverUnits(file: string, database: string, source: UnitSource): string {
  return sqlText(file, database).replaceAll(/\{\{units:(\w+)\}\}/g, (_, name: string) =>
    source === 'units'
      ? sqlText(`units/${name}.sql`, database)
      : sqlText('queries/read-kept-units.sql', database).replaceAll('{{unit}}', name),
  );
}

/** Parts that derive accounts from their events, in a form that those that are kept have. */
const ACCOUNT_PARTS = ['lives_of_accounts', 'settled_accounts'];

/** The statement that keeps the units of one name. All but those of accounts read the accounts that were kept first. */
export function keepingText(name: string, database: string): string {
  const derived = sqlText(`units/${name}.sql`, database);
  const units = name === 'accounts' ? derived : withKeptAccounts(derived, database);
  return sqlText('queries/keep-units.sql', database)
    .replaceAll('{{units:{{unit}}}}', () => units)
    .replaceAll('{{unit}}', name);
}

function withKeptAccounts(units: string, database: string): string {
  const textOf = (part: string): string => sqlText(`parts/${part}.sql`, database).trimEnd();
  return ACCOUNT_PARTS.reduce(
    (text, part) => text.replaceAll(textOf(part), () => textOf('kept_accounts')),
    units,
  );
}

/** Names of the migrations in the order of their numbers. */
export function migrationFiles(): readonly string[] {
  return readdirSync(new URL('migrations/', FOLDER))
    .filter((name) => /^\d{4}_\w+\.sql$/.test(name))
    .toSorted();
}

/** The statements of a file: each ends with a semicolon at the end of a line. */
export function statementsOf(text: string): readonly string[] {
  return text
    .split(/;[ \t]*$/m)
    .map((statement) => statement.trim())
    .filter((statement) => statement.replaceAll(/^\s*--.*$/gm, '').trim() !== '');
}
