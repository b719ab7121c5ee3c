import { type Raised } from './guard-rails.ts';
import { type Unadjusted } from './unadjusted.ts';

/** An interval of a ratio or of a rate, and how it was made; null above: without limit. */
export interface ReportedInterval {
  readonly level: number;
  readonly low: number;
  readonly high: number | null;
  readonly method: string;
}

/** Trained over untrained. */
export interface ReportedRatio {
  readonly ratio: number;
  readonly ci: ReportedInterval | null;
  readonly p_value: number | null;
  /** Standard error of its logarithm. */
  readonly log_se: number | null;
}

export interface ReportedGroup {
  readonly tickets: number;
  readonly account_days: number;
  readonly accounts: number;
  /** Tickets per 100 account-days; null without time. */
  readonly rate: number | null;
  readonly ci: ReportedInterval | null;
}

export interface ReportedStratum {
  readonly stratum: string;
  readonly trained: { readonly tickets: number; readonly account_days: number };
  readonly untrained: { readonly tickets: number; readonly account_days: number };
  /** Null where one of the groups has no tickets. */
  readonly ratio: number | null;
  readonly ci: ReportedInterval | null;
  /** False where a group has no time: nothing to compare with. */
  readonly is_used: boolean;
}

/** Mantel-Haenszel over the strata (STATISTICS 5). */
export interface ReportedStratified extends ReportedRatio {
  /** Per 100 account-days, as of history; its interval is for one look. */
  readonly difference: { readonly value: number; readonly ci: ReportedInterval };
  /** Whether the strata agree on the ratio; null with fewer than two that have tickets in both groups. */
  readonly homogeneity: {
    readonly q: number;
    readonly degrees_of_freedom: number;
    readonly p_value: number;
  } | null;
  /** Shares of time and tickets that lie in strata with time of both groups. */
  readonly overlap: {
    readonly trained_time: number;
    readonly untrained_time: number;
    readonly trained_tickets: number;
    readonly untrained_tickets: number;
  };
  /** With time in these strata. */
  readonly accounts: number;
}

/** The answer to "do trained customers open fewer tickets?" (STATISTICS 1 to 11). Rates per 100 account-days. */
export interface ComparisonReport {
  readonly groups: { readonly trained: ReportedGroup; readonly untrained: ReportedGroup };
  /** The stratified ratio, where it may stand as the answer. */
  readonly headline: ReportedRatio | null;
  readonly stratified: ReportedStratified | null;
  readonly strata: readonly ReportedStratum[];
  /** All trained time against all untrained time, without strata: not an answer, shown for its counts. */
  readonly crude: ReportedRatio | null;
  readonly difference_in_differences: ReportedContrast | null;
  /** Accounts that were trained in time to be followed, those with others to be held against, and how many others. */
  readonly matched: {
    readonly trained: number;
    readonly compared: number;
    readonly others: number;
  };
  readonly event_study: {
    readonly points: readonly {
      /** Periods of 28 days from training on; below 0: before. */
      readonly period: number;
      /** Change of the ticket rate against that of others, per 100 account-days. */
      readonly effect: number;
      readonly low: number;
      readonly high: number;
      readonly accounts: number;
    }[];
    readonly pre_trend: {
      readonly statistic: number;
      readonly degrees_of_freedom: number;
      readonly p_value: number;
    } | null;
  } | null;
  /** What is usually shown. Not an answer. */
  readonly unadjusted: readonly Unadjusted[];
  /** Above 1, tickets of an account come together; null without data. */
  readonly dispersion: number | null;
  readonly excluded: { readonly account_not_active: number; readonly unresolved_account: number };
  readonly status: 'ok' | 'no_data' | 'suspect' | 'low_n';
  readonly guard_rails: readonly Raised[];
  /** One paragraph for people. */
  readonly summary: string;
}

/** Trained accounts after over before, over the same of others (STATISTICS 6). */
export interface ReportedContrast extends ReportedRatio {
  readonly trained: { readonly before: ReportedCell; readonly after: ReportedCell };
  readonly others: { readonly before: ReportedCell; readonly after: ReportedCell };
}

export interface ReportedCell {
  readonly tickets: number;
  readonly account_days: number;
}
