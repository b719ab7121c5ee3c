import { formatDate, parseDate } from './date.ts';
import { type EventRule, type Input, type Join, type Mapping, joinAlias } from './mapping.ts';
import { joinColumns } from './mapping-names.ts';
import { type Row, RowProblem, type Scalar, at } from './row.ts';
import { fill } from './template.ts';
import { type Value, evaluate } from './value.ts';
import { holds } from './condition.ts';

/** An event as `POST /v1/events` takes it. What is missing or wrong in it is for ingest to say. */
export type EdgeEvent = Readonly<Record<string, unknown>>;

/** What became of a row: events, a mapping's own reason to leave it out, or why it cannot be used. */
export type RowOutcome =
  | { readonly kind: 'events'; readonly events: readonly EdgeEvent[] }
  | { readonly kind: 'skipped'; readonly reason: string }
  | { readonly kind: 'refused'; readonly reason: string };

/** The row of a lookup with the given key, in the order of the lookup's key columns. */
export type FindRow = (lookup: string, key: readonly Scalar[]) => Row | undefined;

/** Turn a row of `input` into events. A row is used whole or not at all: one bad field refuses all its events. */
export function mapRow(
  row: Row,
  input: Input,
  options: { readonly mapping: Mapping; readonly find: FindRow },
): RowOutcome {
  try {
    const joined = joinRow(row, input, options);
    const scope = compute(joined, input.let);
    const skip = input.skip.find(({ when }) => holds(when, scope));
    if (skip !== undefined) {
      return { kind: 'skipped', reason: String(fill(skip.because, scope) ?? skip.because.source) };
    }
    const rules = input.events.filter(({ when }) => when === undefined || holds(when, scope));
    return {
      kind: 'events',
      events: rules.map((rule) => buildEvent(rule, scope, options.mapping)),
    };
  } catch (error) {
    if (error instanceof RowProblem) return { kind: 'refused', reason: error.message };
    throw error;
  }
}

function joinRow(
  row: Row,
  input: Input,
  options: { readonly mapping: Mapping; readonly find: FindRow },
): Row {
  let scope = row;
  for (const join of input.join) {
    const found = findJoined(scope, join, options);
    const prefix = `${joinAlias(join)}.`;
    const outer = scope;
    scope = {
      get: (name) =>
        name.startsWith(prefix) ? found?.get(name.slice(prefix.length)) : outer.get(name),
    };
  }
  return scope;
}

function findJoined(
  row: Row,
  join: Join,
  options: { readonly mapping: Mapping; readonly find: FindRow },
): Row | undefined {
  const columns = joinColumns(join, options.mapping.lookups);
  const key = columns.map((column) => row.get(column));
  const isWhole = key.every((part) => part !== undefined);
  const found = isWhole ? options.find(join.lookup, key) : undefined;
  if (found === undefined && !join.optional) {
    const wanted = columns.map(
      (column, index) => `${column} ${JSON.stringify(key[index] ?? null)}`,
    );
    throw new RowProblem(`${join.lookup} has no row for ${wanted.join(', ')}`);
  }
  return found;
}

function compute(row: Row, computed: Readonly<Record<string, Value>>): Row {
  const known = new Map<string, Scalar | undefined>();
  const scope: Row = { get: (name) => (known.has(name) ? known.get(name) : row.get(name)) };
  for (const [name, value] of Object.entries(computed)) {
    known.set(
      name,
      at(name, () => evaluate(value, scope)),
    );
  }
  return scope;
}

function buildEvent(rule: EventRule, row: Row, mapping: Mapping): EdgeEvent {
  const field = (name: OptionalField) => {
    const value = rule[name];
    return value === undefined ? undefined : at(name, () => evaluate(value, row));
  };
  return withoutAbsent({
    event_id: at('id', () => required('id', rule, row)),
    event_type: rule.type,
    source: mapping.source,
    occurred_at: at('occurred_at', () =>
      formatDate(parseDate(required('occurred_at', rule, row), 'iso')),
    ),
    account_id: asText(field('account_id')),
    user_id: asText(field('user_id')),
    anonymous_id: asText(field('anonymous_id')),
    retracts: asText(field('retracts')),
    source_version: field('source_version'),
    pii_class: mapping.pii_class,
    external_ids: texts(group('external_ids', rule, row)),
    properties: group('properties', rule, row),
    attributes: texts(group('attributes', rule, row)),
  });
}

type OptionalField = 'account_id' | 'user_id' | 'anonymous_id' | 'retracts' | 'source_version';

function required(name: 'id' | 'occurred_at', rule: EventRule, row: Row): string {
  const value = evaluate(rule[name], row);
  if (value === undefined || value === '') throw new RowProblem('has no value');
  return String(value);
}

function group(
  name: 'external_ids' | 'properties' | 'attributes',
  rule: EventRule,
  row: Row,
): Readonly<Record<string, Scalar>> {
  return Object.fromEntries(
    Object.entries(rule[name]).flatMap(([field, value]) => {
      const computed = at(`${name}.${field}`, () => evaluate(value, row));
      return computed === undefined ? [] : [[field, computed]];
    }),
  );
}

function asText(value: Scalar | undefined): string | undefined {
  return value === undefined ? undefined : String(value);
}

function texts(values: Readonly<Record<string, Scalar>>): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, String(value)]));
}

/** The event without its absent fields and empty maps; `properties` always stays. */
function withoutAbsent(event: EdgeEvent): EdgeEvent {
  const kept = Object.entries(event).filter(
    ([name, value]) => name === 'properties' || (value !== undefined && !isEmptyObject(value)),
  );
  return Object.fromEntries(kept);
}

function isEmptyObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null && Object.keys(value).length === 0;
}
