import { type Definitions } from './definitions.ts';
import { type Components, type Dimensions, type KpiUnit, type KpiVariant } from './kpi.ts';
import { type MarginTable } from './margins.ts';
import { type Measure } from './measure.ts';
import { type RateTable } from './rates.ts';
import { type SpendTable } from './spend.ts';

/** One sum of a measure in a group, with the hidden dimensions it is still split by. */
export interface MeasureSum {
  readonly measure: string;
  readonly hidden: Dimensions;
  readonly sum: bigint;
}

/** What turns sums into components: hidden dimensions are resolved here, money is converted here. */
export interface ReduceOptions {
  readonly asOf: number;
  readonly windowMs: number;
  readonly definitions: Definitions;
  readonly rates: RateTable;
  readonly margins: MarginTable;
  readonly spend: SpendTable;
  /** Whether the group and the filter leave a value of a dimension. */
  readonly isSelected: (dimension: string, value: string) => boolean;
}

/** A KPI as a declaration: what is counted, by what, over which windows, and how the counts become values. */
export interface Kpi {
  readonly id: string;
  /** Raised whenever the meaning changes. */
  readonly version: number;
  readonly title: string;
  readonly description: string;
  /** Numerator and denominator in words; W is the window, H the horizon. */
  readonly formula: string;
  /** What decides at the edges, a sentence each. */
  readonly rules: readonly string[];
  readonly unit: KpiUnit;
  /** Dimensions that `by` and `filter` may name. */
  readonly dimensions: readonly string[];
  /** Dimensions that only {@link Kpi.reduce} sees. */
  readonly hidden: readonly string[];
  /** Filter that applies to a dimension nobody asked about: contexts of a survey are never pooled by default. */
  readonly defaultFilter: Readonly<Record<string, readonly string[]>>;
  /** Dimensions whose values are never counted together: a filter names one of them. */
  readonly single: readonly string[];
  /** Windows kept live, ascending, ms; any other is answered from history. */
  readonly windows: readonly number[];
  readonly defaultWindowMs: number;
  /** Windows that are offered of a KPI that is not kept live. */
  readonly historyWindows?: readonly number[];
  /** Shorter ones make no sense for it. */
  readonly windowMsMin?: number;
  /** Of cohort KPIs: the time to convert, which a question may choose. */
  readonly horizon?: {
    /** Names of the variants that it matters to; all without. */
    readonly variants?: readonly string[];
    readonly of: (definitions: Definitions) => number;
    readonly with: (definitions: Definitions, horizonMs: number) => Definitions;
  };
  /** Months of age until which something is told, which a question may choose. */
  readonly age?: {
    readonly of: (definitions: Definitions) => number;
    readonly with: (definitions: Definitions, months: number) => Definitions;
  };
  /** Longest look-back beyond the window, ms: with it begins the live horizon. */
  readonly lookBackMs: (windowMs: number, definitions: Definitions) => number;
  /** Event types a value depends on; their sources decide freshness. */
  readonly events: readonly string[];
  readonly measures: Readonly<Record<string, Measure>>;
  /** Names of all components, in the order of documents and queries. */
  readonly components: readonly string[];
  readonly reduce: (sums: readonly MeasureSum[], options: ReduceOptions) => Components;
  /** The first is the KPI itself. */
  readonly variants: readonly KpiVariant[];
  /** Components reported as `immature_n`, as `excluded`, and those that make a value suspect when above 0. */
  readonly immature?: string;
  readonly excluded: readonly string[];
  readonly suspectWhen: readonly string[];
}

/** Defaults for what most KPIs do not need. */
type KpiDeclaration = Omit<
  Kpi,
  'hidden' | 'defaultFilter' | 'single' | 'reduce' | 'excluded' | 'suspectWhen' | 'components'
> &
  Partial<
    Pick<
      Kpi,
      'hidden' | 'defaultFilter' | 'single' | 'reduce' | 'excluded' | 'suspectWhen' | 'components'
    >
  >;

/** A KPI with the defaults filled in: components are the measures themselves, summed. */
export function defineKpi(declaration: KpiDeclaration): Kpi {
  const components = declaration.components ?? Object.keys(declaration.measures);
  return {
    hidden: [],
    defaultFilter: {},
    single: [],
    excluded: [],
    suspectWhen: [],
    reduce: (sums) => sumByMeasure(components, sums),
    ...declaration,
    components,
  };
}

/** Components that a variant reports as `immature_n` and as `excluded`. */
export function leftOutOf(
  kpi: Kpi,
  variant: KpiVariant,
): { readonly immature: string | undefined; readonly excluded: readonly string[] } {
  return {
    immature: variant.immature ?? kpi.immature,
    excluded: variant.excluded ?? kpi.excluded,
  };
}

/** The plain sum of each measure, 0 where nothing was counted. */
export function sumByMeasure(measures: readonly string[], sums: readonly MeasureSum[]): Components {
  const totals: Record<string, bigint> = Object.fromEntries(
    measures.map((measure) => [measure, 0n]),
  );
  for (const { measure, sum } of sums) {
    if (totals[measure] !== undefined) totals[measure] += sum;
  }
  return totals;
}
