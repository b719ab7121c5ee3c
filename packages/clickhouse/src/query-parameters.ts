import { type Definitions, type KpiQuery } from '@kpi/core';

/** "Not clipped": later than any as-of time. */
const NEVER_MS = Number.MAX_SAFE_INTEGER;

/** What a query over units needs to know; without as-of times and windows it is all units. */
type UnitQuery = Partial<
  Pick<KpiQuery, 'asOf' | 'windowMs' | 'clipAt' | 'by' | 'filter' | 'keep'>
> & {
  readonly definitions: Definitions;
  /** Empty means all. */
  readonly tenants: readonly string[];
  readonly offsetBound: Readonly<Record<string, number>>;
};

/** One set of names for all queries; a query uses those in its header. */
export function parametersOf(query: UnitQuery): Record<string, unknown> {
  const { definitions } = query;
  return {
    tenants: query.tenants,
    as_of: query.asOf ?? [],
    window_ms: query.windowMs ?? 0,
    clip_at: query.clipAt ?? NEVER_MS,
    by: query.by ?? [],
    filter: query.filter ?? {},
    keep: query.keep ?? {},
    offset_bound: query.offsetBound,
    horizon_ms: definitions.completion.horizonMs,
    grace_ms: definitions.completion.graceMs,
    acquisition_lag_ms: definitions.acquisition.lagMs,
    expansion_grace: definitions.expansion.graceMs,
    refund_grace: definitions.acquisition.refundGraceMs,
    activation_horizon_ms: definitions.activation.horizonMs,
    referral_horizon_ms: definitions.referral.horizonMs,
    key_actions: definitions.activation.keyActions,
    activation_rule: String(definitions.activation.rule),
    value_actions: definitions.valueActions,
    inactivity_limit: definitions.inactivityLimitMs,
    regular_days: definitions.regularUse.days,
    regular_blocks: definitions.regularUse.blocks,
    age_months: definitions.observedAgeMonths,
    proficiency_courses: definitions.proficiencyCourses,
    pause_limit: definitions.churn.pauseLimitMs,
    churn_recognition: definitions.churn.recognition,
    refund_attribution: definitions.refundAttribution,
    satisfied_boxes: definitions.surveys.satisfiedBoxes,
    latest_contexts: definitions.surveys.latestPerRespondent,
    tenure_edges: definitions.tenureEdgesMs,
    training_courses: definitions.trainingCourses,
    reporting_currency: definitions.reportingCurrency,
  };
}
