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
  /** Only time on these plans, or of these tenures; absent: all. */
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

/** Tickets before it matter to no estimate of a comparison, ms. */
export function ticketsFrom({ window, prepostMs, washoutMs }: ComparisonDesign): number {
  const matched = window.from - 2 * prepostMs - washoutMs;
  return Math.min(matched, panelStart(window));
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
