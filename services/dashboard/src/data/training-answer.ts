/** What the page reads of `GET /v1/compare/support_ticket_rate`. Ratios are trained over untrained, rates per 100 account-days. */
export interface TrainingAnswer {
  readonly window: { readonly from: string; readonly to: string; readonly is_growing: boolean };
  readonly training: {
    readonly trained_by: string;
    readonly courses: readonly string[];
    readonly lag: string;
  };
  readonly stratified_by: readonly string[];
  readonly served_from: { readonly history: AnswerPart; readonly live: AnswerPart | null };
  readonly computed_at: string;
  readonly groups: { readonly trained: ComparedGroup; readonly untrained: ComparedGroup };
  readonly headline: ComparedRatio | null;
  readonly stratified: StratifiedRatio | null;
  readonly strata: readonly Stratum[];
  readonly crude: ComparedRatio | null;
  readonly difference_in_differences: ContrastRatio | null;
  readonly matched: {
    readonly trained: number;
    readonly compared: number;
    readonly others: number;
  };
  readonly event_study: EventStudy | null;
  readonly unadjusted: readonly UnadjustedRatio[];
  readonly dispersion: number | null;
  readonly excluded: { readonly account_not_active: number; readonly unresolved_account: number };
  readonly status: 'ok' | 'no_data' | 'suspect' | 'low_n';
  readonly guard_rails: readonly GuardRail[];
  readonly summary: string;
}

/** A stretch of the window and when it was read. */
export interface AnswerPart {
  readonly from: string;
  readonly to: string;
  readonly at: string;
}

/** Null above: without limit. */
export interface Interval {
  readonly low: number;
  readonly high: number | null;
  readonly method: string;
}

export interface ComparedCell {
  readonly tickets: number;
  readonly account_days: number;
}

export interface ComparedGroup extends ComparedCell {
  readonly accounts: number;
  readonly rate: number | null;
  readonly ci: Interval | null;
}

interface ComparedRatio {
  readonly ratio: number;
  readonly ci: Interval | null;
  readonly p_value: number | null;
}

export interface StratifiedRatio extends ComparedRatio {
  readonly difference: { readonly value: number; readonly ci: Interval };
  readonly homogeneity: { readonly p_value: number } | null;
  /** Shares in strata that have time of both groups. */
  readonly overlap: {
    readonly trained_time: number;
    readonly untrained_time: number;
    readonly trained_tickets: number;
    readonly untrained_tickets: number;
  };
  readonly accounts: number;
}

export interface ContrastRatio extends ComparedRatio {
  readonly trained: { readonly before: ComparedCell; readonly after: ComparedCell };
  readonly others: { readonly before: ComparedCell; readonly after: ComparedCell };
}

export interface Stratum {
  /** Values of the strata, such as `28-84 · team`. */
  readonly stratum: string;
  readonly trained: ComparedCell;
  readonly untrained: ComparedCell;
  readonly ratio: number | null;
  readonly ci: Interval | null;
  readonly is_used: boolean;
}

export interface EventPoint {
  /** Of 28 days each, from training on; below 0 before it. */
  readonly period: number;
  readonly effect: number;
  readonly low: number;
  readonly high: number;
  readonly accounts: number;
}

export interface EventStudy {
  readonly points: readonly EventPoint[];
  readonly pre_trend: { readonly p_value: number } | null;
}

interface UnadjustedRatio {
  readonly name: string;
  readonly ratio: number | null;
  readonly flaw: string;
}

/** Why the comparison says less than it seems to. */
export interface GuardRail {
  readonly code: string;
  readonly text: string;
}
