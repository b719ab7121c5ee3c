import { conditionNames } from './condition.ts';
import { type Input, type Join, type Lookup, joinAlias } from './mapping.ts';
import type { MappingPath } from './read-mapping.ts';
import { templateNames } from './template.ts';
import { type Value, valueNames } from './value.ts';

/** A name that a mapping reads and where it does so (path within the input). */
export interface NameUse {
  readonly name: string;
  readonly path: MappingPath;
  /** How many of the input's computed names exist at that place. */
  readonly computedBefore: number;
}

/** Every name that the input reads, in the order of evaluation. */
export function namesUsed(
  input: Input,
  lookups: Readonly<Record<string, Lookup>>,
): readonly NameUse[] {
  const all = Object.keys(input.let).length;
  return [
    ...input.join.flatMap((join, index) =>
      joinColumns(join, lookups).map((name) => ({
        name,
        path: ['join', index],
        computedBefore: 0,
      })),
    ),
    ...Object.entries(input.let).flatMap(([name, value], index) =>
      uses(valueNames(value), ['let', name], index),
    ),
    ...input.skip.flatMap(({ when, because }, index) =>
      uses([...conditionNames(when), ...templateNames(because)], ['skip', index], all),
    ),
    ...input.events.flatMap((rule, index) =>
      eventUses(rule).map(({ path, name }) => ({
        name,
        path: ['events', index, ...path],
        computedBefore: all,
      })),
    ),
  ];
}

/** The row's columns that a join compares with the lookup's key, in the order of the key. */
export function joinColumns(
  join: Join,
  lookups: Readonly<Record<string, Lookup>>,
): readonly string[] {
  const key = lookups[join.lookup]?.key ?? [];
  return key.map((column) => join.on?.[column] ?? column);
}

/**
 * The first name that nothing provides, or undefined. `header` holds the columns of the input, `lookupHeader` those of
 * a lookup by name; either is undefined where rows carry their own names (NDJSON).
 */
export function firstUnknownName(
  input: Input,
  headers: {
    readonly uses: readonly NameUse[];
    readonly header: readonly string[] | undefined;
    readonly lookupHeader: (lookup: string) => readonly string[] | undefined;
  },
): NameUse | undefined {
  const computed = Object.keys(input.let);
  return headers.uses.find(({ name, computedBefore }) => {
    if (computed.slice(0, computedBefore).includes(name)) return false;
    const join = input.join.find((each) => name.startsWith(`${joinAlias(each)}.`));
    if (join === undefined) return headers.header?.includes(name) === false;
    const column = name.slice(joinAlias(join).length + 1);
    return headers.lookupHeader(join.lookup)?.includes(column) === false;
  });
}

type EventRule = Input['events'][number];

function eventUses(
  rule: EventRule,
): readonly { readonly name: string; readonly path: MappingPath }[] {
  const single = (
    [
      'id',
      'occurred_at',
      'account_id',
      'user_id',
      'anonymous_id',
      'retracts',
      'source_version',
    ] as const
  ).flatMap((field) => fieldUses(rule[field], [field]));
  const grouped = (['external_ids', 'properties', 'attributes'] as const).flatMap((group) =>
    Object.entries(rule[group]).flatMap(([field, value]) => fieldUses(value, [group, field])),
  );
  const when = rule.when === undefined ? [] : conditionNames(rule.when);
  return [...when.map((name) => ({ name, path: ['when', name] })), ...single, ...grouped];
}

function fieldUses(value: Value | undefined, path: MappingPath) {
  return value === undefined ? [] : valueNames(value).map((name) => ({ name, path }));
}

function uses(
  names: readonly string[],
  path: MappingPath,
  computedBefore: number,
): readonly NameUse[] {
  return names.map((name) => ({ name, path, computedBefore }));
}
