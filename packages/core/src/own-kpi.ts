import { type EventType } from './event-types.gen.ts';
import { type KpiUnit } from './kpi.ts';

/** Prefix of fields that are what a source sent beyond the typed ones. */
export const ATTRIBUTE = 'attributes.';

/** In place of a field: the plan of the event's account at the event. */
export const ACCOUNT_PLAN = 'account.plan';

/**
 * What a field of an event must be. `in` and `not_in` compare as text (`true`, `12`), `greater` and `less` whole numbers with the
 * one value given. A field that is not stated is in no list, and neither greater nor less.
 */
export interface OwnFilter {
  readonly field: string;
  readonly is: 'in' | 'not_in' | 'greater' | 'less';
  readonly values: readonly (string | number | boolean)[];
}

/** Events of one type for which all filters hold. Each event counts once, whatever it is about. */
export interface OwnEvents {
  readonly event: EventType;
  readonly where: readonly OwnFilter[];
}

/**
 * What is told apart. A user is one in each account that their events name: events are counted where they belong. Events that name
 * none, and those of users without an account, are of nobody.
 */
export type OwnEntity = 'account' | 'user';

/** One side of a number. `of` a sum is a field of whole numbers or of money; events that do not state it are left out. */
export type OwnSide =
  | { readonly type: 'count'; readonly events: OwnEvents }
  | { readonly type: 'distinct'; readonly events: OwnEvents; readonly of: OwnEntity }
  | { readonly type: 'sum'; readonly events: OwnEvents; readonly of: string };

/** What a KPI of one's own measures in [t - W, t). */
export type OwnFormula =
  | OwnSide
  /** Mean of a field of whole numbers from {@link MEAN_VALUE_MAX} below 0 to that above; others are counted as left out. */
  | { readonly type: 'mean'; readonly events: OwnEvents; readonly of: string }
  | { readonly type: 'ratio'; readonly numerator: OwnSide; readonly denominator: OwnSide }
  /**
   * Share of those whose first `entry` lies in [t - H - W, t - H) that had a `converted` in [entry, entry + H). The first entry of
   * all time counts, none after it.
   */
  | {
      readonly type: 'cohort_ratio';
      readonly entry: OwnEvents;
      readonly converted: OwnEvents;
      readonly per: OwnEntity;
      readonly horizonMs: number;
    };

/** A dimension of the event that counts; of a cohort, of the entry. */
export interface OwnDimension {
  readonly name: string;
  /** A field, or {@link ACCOUNT_PLAN}. */
  readonly field: string;
}

/** A KPI of one's own, as a tenant declares it: plain data, from which `kpiOfOwn` makes a KPI like the built-in ones. */
export type OwnKpi = OwnFormula & {
  readonly id: string;
  /** Raised whenever the meaning changes. */
  readonly version: number;
  readonly title: string;
  readonly description: string;
  readonly unit: KpiUnit;
  readonly dimensions: readonly OwnDimension[];
  /** Windows kept live, ascending, ms; the last is the default. */
  readonly windows: readonly number[];
};

/** Each costs memory in every account, and its values are published four times a second. */
export const OWN_KPIS_MAX = 20;
/** Distinct counts are kept for each set of dimensions. */
export const OWN_DIMENSIONS_MAX = 3;
export const OWN_WINDOWS_MAX = 4;
export const OWN_FILTERS_MAX = 10;
export const OWN_VALUES_MAX = 100;
/** Longer texts are cut where they are the value of a dimension. */
export const OWN_VALUE_CHARACTERS_MAX = 64;
/** Sums of squares of so many must stay exact. */
export const MEAN_VALUE_MAX = 10_000;
/** Whole numbers have at most so many digits, so that every one of them is exact. */
export const WHOLE_DIGITS_MAX = 15;

/** What a KPI of one's own adds up, one series each; core and SQL evaluate it independently of each other. */
export interface OwnMeasure {
  readonly name: string;
  readonly events: OwnEvents;
  /** Counted once per such entity. */
  readonly per?: OwnEntity;
  /** What an event adds: 1, or the value of a field, or its square; `beyond`: 1 where the value lies beyond the limit. */
  readonly adds: 'one' | 'value' | 'square' | 'beyond';
  /** Only events that state it, up to the limit, count. */
  readonly field?: string;
  readonly limit: number;
  /** Split by currency and day until it is read. */
  readonly isMoney: boolean;
}

export const NO_LIMIT: number = 10 ** WHOLE_DIGITS_MAX;

const PLAIN = { adds: 'one', limit: NO_LIMIT, isMoney: false } as const;

/** Fields that hold money have names that say so. */
export function isMoneyField(field: string): boolean {
  return !field.startsWith(ATTRIBUTE) && field.endsWith('_minor');
}

/** Measures of a declaration, in the order of its components. Those of a cohort are of its entrants: see `own-entrants.ts`. */
export function ownMeasures(kpi: OwnFormula): readonly OwnMeasure[] {
  switch (kpi.type) {
    case 'count':
      return sideMeasures('events', kpi);
    case 'distinct':
      return sideMeasures(kpi.of === 'account' ? 'accounts' : 'users', kpi);
    case 'sum':
      return sideMeasures('sum', kpi);
    case 'mean': {
      const { events, of: field } = kpi;
      const scored = { ...PLAIN, events, field, limit: MEAN_VALUE_MAX };
      return [
        { ...scored, name: 'sum', adds: 'value' },
        { ...scored, name: 'squares', adds: 'square' },
        { ...scored, name: 'events' },
        { ...scored, name: 'out_of_range', adds: 'beyond' },
      ];
    }
    case 'ratio':
      return [
        ...sideMeasures('numerator', kpi.numerator),
        ...sideMeasures('denominator', kpi.denominator),
      ];
    case 'cohort_ratio':
      return [];
  }
}

/** A sum knows the number of its events as well. */
function sideMeasures(name: string, side: OwnSide): readonly OwnMeasure[] {
  const { events } = side;
  switch (side.type) {
    case 'count':
      return [{ ...PLAIN, name, events }];
    case 'distinct':
      return [{ ...PLAIN, name, events, per: side.of }];
    case 'sum': {
      const summed = { ...PLAIN, events, field: side.of, isMoney: isMoneyField(side.of) };
      return [
        { ...summed, name, adds: 'value' },
        { ...summed, name: eventsOf(name) },
      ];
    }
  }
}

/** Name of the number of events behind a sum. */
export function eventsOf(sum: string): string {
  return `${sum}_events`;
}

/** Every set of events that a declaration reads. */
export function eventsRead(kpi: OwnFormula): readonly OwnEvents[] {
  switch (kpi.type) {
    case 'ratio':
      return [kpi.numerator.events, kpi.denominator.events];
    case 'cohort_ratio':
      return [kpi.entry, kpi.converted];
    default:
      return [kpi.events];
  }
}

/** Whether it tells users apart. */
export function isOfUsers(kpi: OwnFormula): boolean {
  if (kpi.type === 'cohort_ratio') return kpi.per === 'user';
  return ownMeasures(kpi).some(({ per }) => per === 'user');
}

/** Fields that a declaration reads, in order, each once. Money needs its currency. */
export function fieldsRead(kpi: OwnKpi): readonly string[] {
  const fields = [
    ...kpi.dimensions.map(({ field }) => field).filter((field) => field !== ACCOUNT_PLAN),
    ...eventsRead(kpi).flatMap(({ where }) => where.map(({ field }) => field)),
    ...ownMeasures(kpi).flatMap(({ field, isMoney }) => [
      ...(field === undefined ? [] : [field]),
      ...(isMoney ? ['currency'] : []),
    ]),
  ];
  return [...new Set(fields)];
}
