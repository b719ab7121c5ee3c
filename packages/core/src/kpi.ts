import type { Definitions } from './definitions.ts';

/** Dimension names to values. A value that is unknown is `(none)`. */
export type Dimensions = Readonly<Record<string, string>>;

export const NO_VALUE = '(none)';

/** The group of all values of a dimension that are no group of their own ({@link KpiQuery.keep}). Never a value itself. */
export const OTHER_VALUES = '(other)';

/**
 * As-of times `[from, to)` in ms at which an entity counts, with its weight. `to` may be Infinity. Measures of level
 * kind use it for real time instead: the entity holds the level during `[from, to)`.
 */
export interface CountingInterval {
  readonly from: number;
  readonly to: number;
  readonly weight: number;
  readonly dimensions: Dimensions;
}

/** Sums of a KPI's components at one as-of time for one group of dimension values. Always integers. */
export type Components = Readonly<Record<string, bigint>>;

/** One line of an answer: `group` holds the values of the dimensions asked for with `by`, in that order. */
export interface ComponentRow {
  readonly asOf: number;
  readonly group: readonly string[];
  readonly components: Components;
}

/** A question about one KPI, as the live store and the history store both take it. */
export interface KpiQuery {
  readonly tenantId: string;
  readonly kpiId: string;
  readonly windowMs: number;
  /** Ends of the windows, ms. */
  readonly asOf: readonly number[];
  /** Person-time ends here when it lies before the window's end (a live value's moment of reading). */
  readonly clipAt?: number;
  readonly by: readonly string[];
  /** Allowed values by dimension; a dimension that is absent is not restricted. */
  readonly filter: Readonly<Record<string, readonly string[]>>;
  /** Values that are groups of their own, by dimension of `by`; all its others are one, {@link OTHER_VALUES}. Absent: each is one. */
  readonly keep?: Readonly<Record<string, readonly string[]>>;
  readonly definitions: Definitions;
}

/** The group that a value of a dimension belongs to. */
export function groupOf(keep: KpiQuery['keep'], dimension: string, value: string): string {
  const kept = keep?.[dimension];
  return kept === undefined || kept.includes(value) ? value : OTHER_VALUES;
}

/** How the uncertainty of a value is computed (STATISTICS.md); `none` where an interval would mislead. */
export const INTERVAL_METHODS = [
  'wilson',
  'garwood',
  'adjusted_wald',
  'student_t',
  'kaplan_meier',
  'none',
] as const;
export type IntervalMethod = (typeof INTERVAL_METHODS)[number];

export const KPI_UNITS = [
  'ratio',
  'points',
  'money',
  'days',
  'per_100_account_days',
  'scale_points',
  'number',
] as const;
export type KpiUnit = (typeof KPI_UNITS)[number];

/** Ends included; null is no bound. */
export interface Bounds {
  readonly low: bigint | null;
  readonly high: bigint | null;
}

/** One published number of a KPI. The base variant has the empty name; others are addressed as `<kpi>.<variant>`. */
export interface KpiVariant {
  readonly name: string;
  readonly title: string;
  readonly numerator: (components: Components) => bigint;
  readonly denominator: (components: Components) => bigint;
  /** The value as a multiple of numerator / denominator; money change subtracts first. Default 1. */
  readonly scale?: number;
  /** Independent units behind the value. */
  readonly n: (components: Components) => bigint;
  readonly interval: IntervalMethod;
  /** Multiples of the denominator between which the numerator lies; any other is no value. Default 0 and 1: a share. */
  readonly bounds?: Bounds;
  /** Sum of the squares of the units' scores, for the intervals of means: `adjusted_wald`, `student_t`. */
  readonly squares?: (components: Components) => bigint;
  /** Numerator and denominator as they are shown, where those above are made whole numbers by a common factor. */
  readonly published?: {
    readonly numerator: (components: Components) => number | null;
    readonly denominator: (components: Components) => number | null;
  };
  /** Why a value says little although n is large enough. */
  readonly lowWhen?: (components: Components) => string | undefined;
  /** Read from a survival curve instead of numerator and denominator: its median, or the share that had the event by then. */
  readonly survival?: { readonly byMs: number | 'median' };
  /** Where it is not that of the KPI. */
  readonly unit?: KpiUnit;
  /** Components reported as `immature_n` and as `excluded`, where they are not those of the KPI. */
  readonly immature?: string;
  readonly excluded?: readonly string[];
  /** Component reported as `no_fx_rate`, where it is not the one of that name. */
  readonly unpriced?: string;
}

/** Where a value came from and how it may be read; KPI_SPEC 1.5. Worst first. */
export const STATUSES = [
  'no_data',
  'suspect',
  'stale',
  'immature',
  'low_n',
  'approximate',
  'ok',
] as const;
export type Status = (typeof STATUSES)[number];

/** The result envelope of every value, live or historical (KPI_SPEC 1.5). Names are those of the JSON. */
export interface KpiValue {
  readonly kpi_id: string;
  readonly definition_version: number;
  readonly segment: Dimensions;
  readonly window: {
    readonly kind: 'rolling';
    readonly from: string;
    readonly to: string;
    readonly resolution_ms: number;
  };
  readonly as_of: string;
  readonly watermark: string | null;
  readonly value: number | null;
  readonly unit: KpiUnit;
  readonly currency: string | null;
  /** As `denominator` and `n`: null when withheld because too few units are behind it (`suppressN`). */
  readonly numerator: number | null;
  readonly denominator: number | null;
  readonly n: number | null;
  readonly ci: {
    readonly level: number;
    readonly low: number;
    readonly high: number | null;
    readonly method: string;
  } | null;
  readonly status: Status;
  readonly notes: readonly string[];
  readonly immature_n: number;
  readonly excluded: Readonly<Record<string, number>>;
  readonly served_from: 'live' | 'history';
  readonly sources: Readonly<Record<string, string>>;
  readonly revision: number;
  readonly computed_at: string;
}
