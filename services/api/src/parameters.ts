import {
  type Definitions,
  Fault,
  type Kpi,
  days,
  formatDuration,
  parseDuration,
  resolutionMs,
} from '@kpi/core';
import { BASELINES, type Baseline } from '@kpi/values';

import { type Address, idOf } from './address.ts';

/** Query parameters as they arrive: a name that is repeated has several values. */
export type RawParameters = Readonly<Record<string, string | readonly string[] | undefined>>;

/** What every read of a KPI may ask for, checked against the KPI. */
export interface Selection {
  readonly windowMs: number;
  readonly by: readonly string[];
  /** Allowed values by dimension, with the KPI's own filter for a dimension nobody asked about. */
  readonly filter: Readonly<Record<string, readonly string[]>>;
  /** Values of a dimension of `by` that are groups of their own; the smallest of more are together. */
  readonly groupsMax: number;
}

/** Parameters of a read that are not dimensions. */
const SELECTION_PARAMETERS = ['window', 'by', 'filter', 'groups'] as const;

/** Values of a dimension beside each other: a chart of more is unreadable. */
const GROUPS_DEFAULT = 100;
/** Groups of one answer: ids of persons could be asked for one by one. */
export const GROUPS_MAX = 1_000;
/** Long enough for every course ever taught; a bound on what one query may touch. */
const WINDOW_MS_MAX = days(7_320);
const BY_MAX = 3;
const FILTER_VALUES_MAX = 100;
const VALUE_CHARS_MAX = 200;

/**
 * Read `window`, `by`, `filter` and dimensions by name (`context=ticket`). A comma or a repeated name means "or", different
 * names mean "and"; `\,` is a comma inside a value. Throws `dimension_unknown`, `parameter_invalid`.
 */
export function readSelection(kpi: Kpi, raw: RawParameters, others: readonly string[]): Selection {
  refuseUnknown(kpi, raw, [...SELECTION_PARAMETERS, ...others]);
  const by = readBy(kpi, raw);
  const asked = readFilter(kpi, raw);
  const unasked = Object.entries(kpi.defaultFilter).filter(
    ([name]) => asked[name] === undefined && !by.includes(name),
  );
  return {
    windowMs: readWindow(kpi, raw),
    by,
    filter: { ...Object.fromEntries(unasked), ...asked },
    groupsMax: readGroupsMax(raw),
  };
}

/** The one text of a parameter; undefined when absent. Throws `parameter_invalid` when it is repeated. */
export function readOne(raw: RawParameters, name: string): string | undefined {
  const [first, second] = listOf(raw[name]);
  if (second !== undefined) throw invalid(name, `${name} may be given once`);
  return first === '' ? undefined : first;
}

/** A duration parameter such as `28d`, in ms; the default when absent. */
export function readDuration(raw: RawParameters, name: string, byDefault: number): number {
  const text = readOne(raw, name);
  if (text === undefined) return byDefault;
  const ms = parseDuration(text);
  if (ms === undefined) throw invalid(name, `${name} is a duration such as 90m, 24h or 28d`);
  return ms;
}

/** An instant in RFC 3339, ms; undefined when absent. */
export function readInstant(raw: RawParameters, name: string): number | undefined {
  const text = readOne(raw, name);
  if (text === undefined) return undefined;
  const at = INSTANT.test(text)
    ? Date.parse(text.length === DATE_CHARS ? `${text}T00:00:00Z` : text)
    : Number.NaN;
  if (Number.isNaN(at))
    throw invalid(
      name,
      `${name} is an RFC 3339 time such as 2026-01-31T00:00:00Z, or a date (UTC)`,
    );
  return at;
}

const INSTANT = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}:\d{2}(\.\d{1,9})?(Z|[+-]\d{2}:\d{2}))?$/i;
const DATE_CHARS = '2026-01-31'.length;

/** A wrong query parameter, named. */
export function invalid(name: string, message: string): Fault {
  return new Fault('parameter_invalid', message, { path: `/query/${name}` });
}

/** `compare=previous,year`. Throws `parameter_invalid`. */
export function readBaselines(raw: RawParameters): readonly Baseline[] {
  const named = [...new Set(readList(raw, 'compare'))];
  return named.map((name) => {
    const baseline = BASELINES.find((one) => one === name);
    if (baseline !== undefined) return baseline;
    throw invalid('compare', `a value is compared with ${BASELINES.join(' or ')}`);
  });
}

/** The definitions with what one question changes: `horizon` of cohort KPIs, `age` of what is told until an age. */
export function readDefinitions(
  address: Address,
  raw: RawParameters,
  base: Definitions,
): Definitions {
  return withHorizon(address, raw, withAge(address.kpi, raw, base));
}

function withAge(kpi: Kpi, raw: RawParameters, base: Definitions): Definitions {
  const text = readOne(raw, 'age');
  if (text === undefined) return base;
  if (kpi.age === undefined) throw invalid('age', `${kpi.id} has no age`);
  const months = /^\d{1,3}$/.test(text) ? Number(text) : 0;
  if (months < 1 || months > AGE_MONTHS_MAX)
    throw invalid('age', `age is a number of months from 1 to ${AGE_MONTHS_MAX}`);
  return kpi.age.with(base, months);
}

/** Ten years. */
const AGE_MONTHS_MAX = 120;

function withHorizon(address: Address, raw: RawParameters, base: Definitions): Definitions {
  if (raw['horizon'] === undefined) return base;
  const { kpi, variant } = address;
  if (kpi.horizon === undefined || kpi.horizon.variants?.includes(variant.name) === false)
    throw invalid('horizon', `${idOf(address)} has no horizon`);
  const horizonMs = readDuration(raw, 'horizon', kpi.horizon.of(base));
  if (horizonMs > WINDOW_MS_MAX) throw tooLong('horizon');
  return kpi.horizon.with(base, horizonMs);
}

function readWindow(kpi: Kpi, raw: RawParameters): number {
  const windowMs = readDuration(raw, 'window', kpi.defaultWindowMs);
  if (windowMs > WINDOW_MS_MAX) throw tooLong('window');
  if (windowMs < (kpi.windowMsMin ?? 0))
    throw invalid(
      'window',
      `${kpi.id} needs a window of at least ${formatDuration(kpi.windowMsMin ?? 0)}`,
    );
  const stepMs = resolutionMs(windowMs);
  if (windowMs % stepMs === 0) return windowMs;
  throw invalid(
    'window',
    `a window of this length moves in steps of ${formatDuration(stepMs)}, and ${formatDuration(windowMs)} is no multiple`,
  );
}

function tooLong(name: string): Fault {
  return invalid(name, `${name} is at most ${formatDuration(WINDOW_MS_MAX)}`);
}

function readBy(kpi: Kpi, raw: RawParameters): readonly string[] {
  const by = [...new Set(readList(raw, 'by'))];
  for (const name of by) requireDimension(kpi, name, 'by');
  if (by.length > BY_MAX) throw invalid('by', `by takes at most ${BY_MAX} dimensions`);
  return by;
}

function readFilter(kpi: Kpi, raw: RawParameters): Readonly<Record<string, readonly string[]>> {
  const filter = new Map<string, Set<string>>();
  const allow = (name: string, value: string): void => {
    if (value === '' || value.length > VALUE_CHARS_MAX) {
      throw invalid(name, `a value of ${name} has 1 to ${VALUE_CHARS_MAX} characters`);
    }
    filter.set(name, (filter.get(name) ?? new Set()).add(value));
  };
  for (const [name, value] of [...namedPairs(kpi, raw), ...filterPairs(kpi, raw)])
    allow(name, value);
  for (const name of kpi.single) {
    if ((filter.get(name)?.size ?? 0) > 1)
      throw invalid(name, `values of ${name} are never counted together: name one, or use by`);
  }
  const total = [...filter.values()].reduce((sum, values) => sum + values.size, 0);
  if (total > FILTER_VALUES_MAX)
    throw invalid('filter', `a filter has at most ${FILTER_VALUES_MAX} values`);
  return Object.fromEntries([...filter].map(([name, values]) => [name, [...values]]));
}

type Pair = readonly [name: string, value: string];

/** `context=ticket`, `plan=pro,free`. */
function namedPairs(kpi: Kpi, raw: RawParameters): readonly Pair[] {
  return kpi.dimensions.flatMap((name) =>
    listOf(raw[name])
      .flatMap(splitList)
      .map((value) => [name, value] as const),
  );
}

/** `filter=plan:pro,plan:free,region:eu`; a part without a name continues the one before it. */
function filterPairs(kpi: Kpi, raw: RawParameters): readonly Pair[] {
  return listOf(raw['filter']).flatMap((text) => {
    let name = '';
    return splitList(text).map((part) => {
      const colon = part.indexOf(':');
      if (colon < 0 && name === '')
        throw invalid('filter', 'a filter is name:value, such as plan:pro');
      if (colon < 0) return [name, part] as const;
      name = part.slice(0, colon).trim();
      requireDimension(kpi, name, 'filter');
      return [name, part.slice(colon + 1)] as const;
    });
  });
}

function readGroupsMax(raw: RawParameters): number {
  const text = readOne(raw, 'groups') ?? String(GROUPS_DEFAULT);
  const count = /^\d{1,4}$/.test(text) ? Number(text) : 0;
  if (count >= 1 && count <= GROUPS_MAX) return count;
  throw invalid('groups', `groups is a number from 1 to ${GROUPS_MAX}`);
}

function requireDimension(kpi: Kpi, name: string, parameter: string): void {
  if (kpi.dimensions.includes(name)) return;
  throw new Fault(
    'dimension_unknown',
    `${kpi.id} has the dimensions ${kpi.dimensions.join(', ')}`,
    {
      path: `/query/${parameter}`,
    },
  );
}

/** A misspelt parameter would silently answer another question. */
function refuseUnknown(kpi: Kpi, raw: RawParameters, known: readonly string[]): void {
  const own = [
    ...(kpi.horizon === undefined ? [] : ['horizon']),
    ...(kpi.age === undefined ? [] : ['age']),
  ];
  const allowed = [...known, ...kpi.dimensions, ...own];
  const unknown = Object.keys(raw).find((name) => !allowed.includes(name));
  if (unknown === undefined) return;
  throw invalid(unknown, `there is no such parameter here; there are ${allowed.join(', ')}`);
}

/** Parts between commas, trimmed; `\,` is a comma. */
function splitList(text: string): readonly string[] {
  return text.split(/(?<!\\),/).map((part) => part.replaceAll('\\,', ',').trim());
}

/** The parts of a comma-separated or repeated parameter, without empty ones. */
export function readList(raw: RawParameters, name: string): readonly string[] {
  return listOf(raw[name])
    .flatMap(splitList)
    .filter((part) => part !== '');
}

function listOf(value: RawParameters[string]): readonly string[] {
  if (value === undefined) return [];
  return typeof value === 'string' ? [value] : value;
}
