import { type z } from 'zod';

/** Scales that every satisfaction KPI can read, by their number of answers (KPI_SPEC 2.6). */
const SCALE_LENGTHS: readonly number[] = [2, 3, 5, 7, 10, 11];

interface SurveyAnswer {
  readonly kind: 'csat' | 'nps' | 'ces' | 'text';
  readonly score: number | null;
  readonly scale_min: number | null;
  readonly scale_max: number | null;
  readonly direction: 'higher_is_better' | 'lower_is_better' | null;
}

/** Where a rule reports what is wrong. */
export type RuleContext = Pick<z.RefinementCtx, 'addIssue'>;

function refuse(ctx: RuleContext, field: string, message: string): void {
  ctx.addIssue({ code: 'custom', path: [field], message });
}

function answerFitsScale(answer: SurveyAnswer, ctx: RuleContext): void {
  if (answer.kind === 'text') return;
  if (answer.kind === 'nps') return checkNps(answer, ctx);
  if (answer.kind === 'ces' && answer.direction === null) {
    refuse(ctx, 'direction', 'must be given for ces');
  }
  checkScore(answer, ctx);
}

function checkNps(
  { score, scale_min: low, scale_max: high, direction }: SurveyAnswer,
  ctx: RuleContext,
): void {
  if (low !== null && low !== 0) refuse(ctx, 'scale_min', 'must be 0 for nps');
  if (high !== null && high !== 10) refuse(ctx, 'scale_max', 'must be 10 for nps');
  if (score === null || score < 0 || score > 10) refuse(ctx, 'score', 'must be 0 to 10 for nps');
  if (direction === 'lower_is_better') refuse(ctx, 'direction', 'must be higher_is_better for nps');
}

function checkScore(answer: SurveyAnswer, ctx: RuleContext): void {
  const { kind, score, scale_min: low, scale_max: high } = answer;
  if (low === null) refuse(ctx, 'scale_min', `must be given for ${kind}`);
  if (high === null) refuse(ctx, 'scale_max', `must be given for ${kind}`);
  if (score === null) refuse(ctx, 'score', `must be given for ${kind}`);
  if (low === null || high === null || score === null) return;
  if (!SCALE_LENGTHS.includes(high - low + 1)) {
    refuse(ctx, 'scale_max', `must make a scale of ${SCALE_LENGTHS.join(', ')} answers`);
  }
  if (score < low || score > high) refuse(ctx, 'score', `must lie on the scale ${low} to ${high}`);
}

function periodRunsForward(
  period: { readonly period_start: number; readonly period_end: number },
  ctx: RuleContext,
): void {
  if (period.period_end < period.period_start) {
    refuse(ctx, 'period_end', 'must not be before period_start');
  }
}

function periodNotEmpty(
  period: { readonly period_start: number; readonly period_end: number },
  ctx: RuleContext,
): void {
  if (period.period_end <= period.period_start) {
    refuse(ctx, 'period_end', 'must be after period_start');
  }
}

function amountHasCurrency(
  amount: { readonly amount_minor: number | null; readonly currency: string | null },
  ctx: RuleContext,
): void {
  if (amount.amount_minor !== null && amount.currency === null) {
    refuse(ctx, 'currency', 'must be given with amount_minor');
  }
}

function priceHasCurrency(
  price: { readonly price_minor: number | null; readonly currency: string | null },
  ctx: RuleContext,
): void {
  if (price.price_minor !== null && price.currency === null) {
    refuse(ctx, 'currency', 'must be given with price_minor');
  }
}

function currenciesDiffer(
  rate: { readonly base: string; readonly quote: string },
  ctx: RuleContext,
): void {
  if (rate.base === rate.quote) refuse(ctx, 'quote', 'must differ from base');
}

function mergedAccountsDiffer(
  merge: { readonly from_account_id: string; readonly into_account_id: string },
  ctx: RuleContext,
): void {
  if (merge.from_account_id === merge.into_account_id) {
    refuse(ctx, 'into_account_id', 'must differ from from_account_id');
  }
}

function mergedUsersDiffer(
  merge: { readonly from_user_id: string; readonly into_user_id: string },
  ctx: RuleContext,
): void {
  if (merge.from_user_id === merge.into_user_id) {
    refuse(ctx, 'into_user_id', 'must differ from from_user_id');
  }
}

/** Checks across fields, named by `rule` in a schema. Each adds an issue at the field that must change. */
export const rules = {
  answerFitsScale,
  periodRunsForward,
  periodNotEmpty,
  amountHasCurrency,
  priceHasCurrency,
  currenciesDiffer,
  mergedAccountsDiffer,
  mergedUsersDiffer,
} as const;
