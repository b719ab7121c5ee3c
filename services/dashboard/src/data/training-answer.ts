import type {
  ComparisonReport,
  Raised,
  ReportedCell,
  ReportedContrast,
  ReportedGroup,
  ReportedInterval,
  ReportedStratified,
  ReportedStratum,
} from '@kpi/comparison';

/** Answer of `GET /v1/compare/support_ticket_rate`. Ratios are trained over untrained, rates per 100 account-days. */
export interface TrainingAnswer extends ComparisonReport {
  readonly window: { readonly from: string; readonly to: string; readonly is_growing: boolean };
  readonly training: {
    readonly trained_by: string;
    readonly courses: readonly string[];
    readonly lag: string;
  };
  readonly stratified_by: readonly string[];
  readonly served_from: { readonly history: AnswerPart; readonly live: AnswerPart | null };
  readonly computed_at: string;
}

/** A stretch of the window and when it was read. */
export interface AnswerPart {
  readonly from: string;
  readonly to: string;
  readonly at: string;
}

export type Interval = ReportedInterval;
export type ComparedCell = ReportedCell;
export type ComparedGroup = ReportedGroup;
export type StratifiedRatio = ReportedStratified;
export type ContrastRatio = ReportedContrast;
export type Stratum = ReportedStratum;
export type EventStudy = NonNullable<ComparisonReport['event_study']>;
export type EventPoint = EventStudy['points'][number];
export type GuardRail = Raised;
