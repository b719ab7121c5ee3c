import { type Kpi } from './catalogue.ts';
import { curveComponent } from './entrant.ts';
import {
  type CountingInterval,
  type Dimensions,
  type KpiQuery,
  type KpiVariant,
  NO_VALUE,
} from './kpi.ts';
import { type UnitList } from './contribution.ts';
import { compareText } from './fact.ts';
import { type Measure, isOncePerEntity } from './measure.ts';
import { candidatesOf } from './member-candidate.ts';
import { type Candidate, type MemberKind } from './member-making.ts';
import { type MemberHome } from './member-home.ts';
import { absenceOf } from './member-absence.ts';
import { REASON_OF_EXCLUDED, REASON_OF_MISSING, type ReasonCode } from './member-reason.ts';
import { isUnpriced } from './member-price.ts';
import { type Role, rolesOf } from './member-role.ts';
import { type RateTable, utcDay } from './rates.ts';
import { type Span, contains, intersect } from './span.ts';
import { partWithin } from './spend.ts';

/** A question about who counts. The filter holds the KPI's own for a dimension nobody asked about. */
export interface MembersQuery extends Pick<
  KpiQuery,
  'windowMs' | 'by' | 'filter' | 'definitions' | 'clipAt'
> {
  readonly kpi: Kpi;
  readonly variant: KpiVariant;
  readonly asOf: number;
  /** Exchange rates of the tenant: an amount without one is not in the value. */
  readonly rates: RateTable;
}

/** What a member adds to one component. */
export interface MemberCount {
  /** A measure of the KPI, spend of a period, or a length of time of a survival curve. */
  readonly component: string;
  readonly roles: readonly Role[];
  /** Integer: units, ms of person-time, or minor units of the currency among the dimensions. */
  readonly weight: number;
  /** Of what counts once only those that are asked about; with the hidden ones, currency and UTC day of money. */
  readonly dimensions: Dimensions;
  /** As-of times at which it counts so, ms; for person-time the time itself. */
  readonly counts: Span;
}

export interface MemberReason {
  readonly code: ReasonCode;
  /** Next as-of time from which it counts, and last one until which it did, ms; Infinity and -Infinity where there is none. */
  readonly countsFrom: number;
  readonly countsUntil: number;
}

/** A unit of a KPI at an as-of time: what it counts in, and why in no more. */
export interface Member {
  readonly kind: MemberKind;
  /** Unique in its home, and the same at every as-of time; members are in its order. */
  readonly name: string;
  readonly ids: Readonly<Record<string, string>>;
  readonly at: number | null;
  readonly dimensions: Dimensions;
  /** Whether it is in the numerator or the denominator. */
  readonly isCounted: boolean;
  readonly counts: readonly MemberCount[];
  /** Null when nothing keeps it from counting. */
  readonly reason: MemberReason | null;
}

/** Members of one home. What belongs only to values that the filter leaves out is no member; of nobody known there are none. */
export function membersOf(home: MemberHome, query: MembersQuery): readonly Member[] {
  if ([...home.home.entities()].length === 0 && home.learners.length === 0) return [];
  const roles = rolesOf(query.kpi, query.variant, query.definitions);
  return candidatesOf(home, query)
    .flatMap((candidate) => memberOf(candidate, { query, roles }) ?? [])
    .toSorted((a, b) => compareText(a.name, b.name));
}

interface Asked {
  readonly query: MembersQuery;
  readonly roles: ReadonlyMap<string, readonly Role[]>;
}

/** An interval of a measure, as as-of times. */
interface Placed {
  readonly measure: string;
  readonly kind: Measure['kind'];
  readonly at: Span;
  /** Whether it counts at the as-of time of the question, and what it adds to the measure then. */
  readonly isNow: boolean;
  readonly weight: number;
  readonly dimensions: Dimensions;
}

function memberOf(candidate: Candidate, asked: Asked): Member | undefined {
  const { query } = asked;
  const all = candidate.units.flatMap((list) => placedOf(list, query));
  const selected = all.filter(({ dimensions }) => isSelected(dimensions, query.filter));
  const spent = candidate.units.flatMap((list) => spentOf(list, query));
  if (spent.length === 0 && isLeftOut(candidate, { all, selected }, query)) return undefined;
  if (isOfOtherVariant(candidate, asked)) return undefined;
  if (all.length === 0 && candidate.units.some(({ name }) => name.startsWith('own_')))
    return undefined;
  const found = [...countsOf(selected, asked), ...spent, ...curveOf(selected, candidate, query)];
  const counts = candidate.isInternal ? [] : found.map((count) => priced(count, query));
  const isCounted = counts.some(({ roles }) => isInValue(roles));
  const code = codeOf(candidate, { counts, isCounted }, asked);
  const { kind, name, ids, at } = candidate;
  return {
    kind,
    name,
    ids,
    at,
    dimensions: shownDimensions(query.kpi, found[0] ?? selected.at(-1)),
    isCounted,
    counts,
    reason: code === undefined ? null : { code, ...timesAround(selected, asked) },
  };
}

/** Whether other variants of the KPI count such units, and this one does not. */
function isOfOtherVariant({ units }: Candidate, { query, roles }: Asked): boolean {
  const { kpi, definitions } = query;
  const names = new Set(units.map(({ name }) => name));
  const own = Object.keys(kpi.measures).filter((measure) =>
    names.has(kpi.measures[measure]?.unit ?? 'account'),
  );
  const isCounted = (by: Asked['roles']): boolean =>
    own.some((measure) => (by.get(measure) ?? []).length > 0);
  return (
    !isCounted(roles) &&
    kpi.variants.some((variant) => isCounted(rolesOf(kpi, variant, definitions)))
  );
}

/** The intervals of all measures of the KPI that are about these units. */
function placedOf(list: UnitList, query: MembersQuery): readonly Placed[] {
  const scope = { windowMs: query.windowMs, definitions: query.definitions };
  return Object.entries(query.kpi.measures).flatMap(([measure, { unit, kind, intervals }]) => {
    if (unit !== list.name) return [];
    return list.units.flatMap((one) =>
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the names are equal, so it is a unit of this measure
      intervals(one as never, scope).map((interval) => ({
        measure,
        kind,
        dimensions: interval.dimensions,
        ...(kind === 'level' ? personTime(interval, query) : counted(interval, query)),
      })),
    );
  });
}

function counted(
  interval: CountingInterval,
  { asOf }: MembersQuery,
): Pick<Placed, 'at' | 'isNow' | 'weight'> {
  const { from, to, weight } = interval;
  const isNow = contains(interval, asOf);
  return { at: { from, to }, isNow, weight: isNow ? weight : 0 };
}

/** Time lived at the level within `[t - W, t)`, ending earlier at the moment of reading. */
function personTime(
  level: CountingInterval,
  query: MembersQuery,
): Pick<Placed, 'at' | 'isNow' | 'weight'> {
  const { asOf, windowMs, clipAt = Infinity } = query;
  const lived = intersect(level, { from: asOf - windowMs, to: Math.min(asOf, clipAt) });
  return {
    at: { from: level.from + 1, to: level.to + windowMs },
    isNow: lived.from < lived.to,
    weight: Math.max(lived.to - lived.from, 0) * level.weight,
  };
}

function isSelected(dimensions: Dimensions, filter: MembersQuery['filter']): boolean {
  return Object.entries(filter).every(([name, values]) =>
    values.includes(dimensions[name] ?? NO_VALUE),
  );
}

/** Whether a candidate counts only in values that the filter leaves out; of one that never counts the filter must say nothing. */
function isLeftOut(
  { ids }: Candidate,
  { all, selected }: { readonly all: readonly Placed[]; readonly selected: readonly Placed[] },
  { kpi, filter }: MembersQuery,
): boolean {
  if (all.some(({ isNow }) => isNow)) return !selected.some(({ isNow }) => isNow);
  if (all.length > 0) return selected.length === 0;
  return Object.entries(filter).some(([name, values]) => {
    const value = ids[name];
    return value === undefined ? values !== kpi.defaultFilter[name] : !values.includes(value);
  });
}

/** What counts once adds one thing for each set of values of the dimensions asked about, however many of the others it has. */
function countsOf(placed: readonly Placed[], { query, roles }: Asked): readonly MemberCount[] {
  const now = placed.filter(({ isNow }) => isNow);
  const sets = Map.groupBy(now, ({ measure, kind, dimensions }) =>
    isOncePerEntity(kind) ? JSON.stringify([measure, askedOf(dimensions, query)]) : '',
  );
  return [...sets].flatMap(([name, members]) =>
    (name === '' ? members : members.slice(0, 1)).flatMap((one) => {
      const dimensions = name === '' ? one.dimensions : askedOf(one.dimensions, query);
      const weight = name === '' ? one.weight : weightOf(members, query);
      if (weight === 0) return [];
      const { measure: component, at: counts } = one;
      return [{ component, roles: roles.get(component) ?? [], weight, dimensions, counts }];
    }),
  );
}

function askedOf(dimensions: Dimensions, { by }: MembersQuery): Dimensions {
  return Object.fromEntries(by.map((name) => [name, dimensions[name] ?? NO_VALUE]));
}

/** What intervals of one entity that hold together add: one, or what the measure makes of them. */
function weightOf(placed: readonly Placed[], { kpi }: MembersQuery): number {
  const [first] = placed;
  const pool = first === undefined ? undefined : kpi.measures[first.measure]?.pool;
  if (pool === undefined) return first?.weight ?? 0;
  return pool({ count: placed.length, sum: placed.reduce((sum, { weight }) => sum + weight, 0) });
}

/** What a record of spend adds to the window, by its channel only: spend knows no other dimension. */
function spentOf(list: UnitList, query: MembersQuery): readonly MemberCount[] {
  if (list.name !== 'spend') return [];
  const { asOf, windowMs, definitions, filter } = query;
  const { lagMs } = definitions.acquisition;
  const channels = filter['channel'];
  return list.units.flatMap((spend) => {
    const { channel, currency, at, from, to } = spend;
    const isOfChannel = channels === undefined || channels.includes(channel);
    const window = { from: asOf - lagMs - windowMs, to: asOf - lagMs };
    const weight = isOfChannel ? Number(partWithin(spend, window)) : 0;
    if (weight === 0) return [];
    const dimensions = { channel, currency, day: String(utcDay(at)) };
    const counts = { from: from + lagMs + 1, to: to + lagMs + windowMs };
    return [{ component: 'spend', roles: ['numerator'] as const, weight, dimensions, counts }];
  });
}

/** The place of an entrant on the curve. */
function curveOf(
  placed: readonly Placed[],
  { units }: Candidate,
  { asOf, clipAt = Infinity }: MembersQuery,
): readonly MemberCount[] {
  return units.flatMap((list) => {
    if (list.name !== 'waiting_account' && list.name !== 'learner') return [];
    const entered = placed.find(({ measure, isNow }) => measure === 'entrants' && isNow);
    if (entered === undefined) return [];
    return list.units.map((entrant) => ({
      component: curveComponent(entrant, { asOf, clipAt }),
      roles: [],
      weight: 1,
      dimensions: entered.dimensions,
      counts: entered.at,
    }));
  });
}

/** What has no exchange rate is in no value. */
function priced(count: MemberCount, query: MembersQuery): MemberCount {
  const isExcluded = count.roles.length > 0 && isUnpriced(count, query);
  return isExcluded ? { ...count, roles: ['excluded'] } : count;
}

function isInValue(roles: readonly Role[] = []): boolean {
  return roles.some((role) => role === 'numerator' || role === 'denominator' || role === 'n');
}

function codeOf(
  candidate: Candidate,
  { counts, isCounted }: Pick<Member, 'counts' | 'isCounted'>,
  { query, roles }: Asked,
): ReasonCode | undefined {
  if (candidate.isInternal) return 'internal_account';
  const has = (role: Role): MemberCount | undefined =>
    counts.find((count) => count.roles.includes(role));
  if (isCounted) {
    if (has('numerator') !== undefined || has('denominator') === undefined) return undefined;
    const names = new Set(candidate.units.map((list) => list.name));
    const missing = Object.entries(query.kpi.measures).find(
      ([measure, { unit }]) =>
        names.has(unit) && roles.get(measure)?.includes('numerator') === true,
    );
    return missing === undefined ? undefined : REASON_OF_MISSING[missing[0]];
  }
  if (has('immature') !== undefined) return 'immature';
  const excluded = has('excluded');
  if (excluded !== undefined) return REASON_OF_EXCLUDED[excluded.component] ?? 'no_fx_rate';
  if (candidate.absence !== undefined) return candidate.absence;
  const absences = candidate.units.flatMap((list) => absenceOf(list, query) ?? []);
  return absences[0] ?? 'outside_window';
}

/** When it counts in the value next, and until when it last did. */
function timesAround(
  placed: readonly Placed[],
  { query, roles }: Asked,
): Pick<MemberReason, 'countsFrom' | 'countsUntil'> {
  const { asOf } = query;
  const spans = placed.filter(({ measure }) => isInValue(roles.get(measure))).map(({ at }) => at);
  return {
    countsFrom: Math.min(...spans.map(({ from }) => from).filter((from) => asOf < from), Infinity),
    countsUntil: Math.max(...spans.map(({ to }) => to).filter((to) => to <= asOf), -Infinity),
  };
}

function shownDimensions(kpi: Kpi, placed: Pick<Placed, 'dimensions'> | undefined): Dimensions {
  return Object.fromEntries(
    kpi.dimensions.flatMap((name) => {
      const value = placed?.dimensions[name];
      return value === undefined ? [] : [[name, value]];
    }),
  );
}
