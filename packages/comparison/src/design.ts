import { type Span, type TrainingRule, days } from '@kpi/core';

/** What groups may be made alike in before they are compared. */
export const STRATA = ['tenure', 'plan', 'month'] as const;
export type StratumName = (typeof STRATA)[number];

/** What is compared with what (STATISTICS 1, 5, 6). Durations and instants in ms. */
export interface ComparisonDesign {
  /** Tickets and active time of `[from, to)`, as known at `to`. */
  readonly window: Span;
  readonly rule: TrainingRule;
  /** Time after training that belongs to neither group. */
  readonly lagMs: number;
  readonly tenureEdgesMs: readonly number[];
  /** Groups are compared where these are the same. */
  readonly strata: readonly StratumName[];
  /**
   * Only time on these plans, or of these tenures; absent: all. What follows accounts one by one takes those that were such when they were
   * trained, and the event study those that were when it first sees them: what they became later may be an effect.
   */
  readonly filter: {
    readonly plan?: readonly string[];
    readonly tenure?: readonly string[];
  };
  /** Whether tickets of outages count: one cause of many, which no interval allows for. */
  readonly countsIncidents: boolean;
  /** Length of the time before and after training that is held against that of others. */
  readonly prepostMs: number;
  /** Time before training that is left out of it: whoever asks a lot is sent to the course. */
  readonly washoutMs: number;
  /** False: intervals as if all tickets were independent. */
  readonly isClustered: boolean;
  /** Whether the comparison is looked at while it grows, so that its interval must hold at every look (STATISTICS 10). */
  readonly areLooksRepeated: boolean;
}

/** Whether a plan and a tenure are among those that are compared. */
export function isWanted(
  { plan, tenure }: { readonly plan: string; readonly tenure: string },
  { filter }: Pick<ComparisonDesign, 'filter'>,
): boolean {
  return (
    (filter.plan === undefined || filter.plan.includes(plan)) &&
    (filter.tenure === undefined || filter.tenure.includes(tenure))
  );
}

/** Tickets before it matter to no estimate of a comparison, ms. */
export function ticketsFrom(design: ComparisonDesign): number {
  const { window, prepostMs, washoutMs } = design;
  return Math.min(followedSpan(design).from - washoutMs - prepostMs, panelStart(window));
}

/** When accounts were trained that are followed until the time after, and its lag, have ended: as long as the window (KPI_SPEC 7.4). */
export function followedSpan({ window, prepostMs, lagMs }: ComparisonDesign): Span {
  const to = window.to - prepostMs - lagMs;
  return { from: to - (window.to - window.from), to };
}

/** Length of a period of the event study. */
export const PERIOD_MS: number = days(28);
/** Periods before training that are looked at: whether trained accounts were changing already. */
export const LEADS = 3;
/** Periods from training on. */
export const LAGS = 6;

/** Start of the first period of the event study: periods are counted back from the end of the window. */
export function panelStart({ from, to }: Span): number {
  return to - (Math.ceil((to - from) / PERIOD_MS) + LEADS + 1) * PERIOD_MS;
}
