import { type Kpi, defineKpi } from '../catalogue.ts';
import { days, hours } from '../duration.ts';
import { type Components } from '../kpi.ts';
import { type Measure } from '../measure.ts';
import { type Held, type Pool } from '../pooled-steps.ts';
import { inWindow, intersect } from '../span.ts';
import { type NpsAnswer, answerIntervals } from '../survey-answers.ts';

/** Counts the latest recommendation of a respondent while it lies in the window and the condition holds. */
function ofAnswer(isCounted: (answer: NpsAnswer) => boolean): Measure {
  return {
    unit: 'nps_answer',
    kind: 'count',
    intervals: (answer, { windowMs }) =>
      answerIntervals(answer, { windowMs, weight: Number(isCounted(answer)) }),
  };
}

/** 720,720 has all numbers up to 16 as divisors: means of as many answers of an account are exact, others are cut off. */
const PARTS = 720_720;

const meanParts = ({ count, sum }: Held): number => Math.trunc((PARTS * sum) / count);

/** What the answers of an account that lie in the window count as together. */
function ofAccount(pool: Pool): Measure {
  return {
    unit: 'nps_account',
    kind: 'pooled',
    pool,
    intervals: ({ answers }, { windowMs }) =>
      answers.flatMap(({ known, at, class: weight, plan, survey, context }) => {
        const { from, to } = intersect(known, inWindow(at, windowMs));
        // A passive answer weighs 0 and is there all the same.
        return from < to ? [{ from, to, weight, dimensions: { plan, survey, context } }] : [];
      }),
  };
}

const responses = (components: Components): bigint => components['responses'] ?? 0n;
const promoters = (components: Components): bigint => components['promoters'] ?? 0n;
const detractors = (components: Components): bigint => components['detractors'] ?? 0n;
const accounts = (components: Components): bigint => components['accounts'] ?? 0n;

/** Promoters less detractors, of all who answered; in points, -100 to 100. */
export const npsScore: Kpi = defineKpi({
  id: 'nps_score',
  version: 1,
  title: 'Net promoter score',
  description:
    'Of the answers from 0 to 10 submitted in the window, the share of 9 and 10 (promoters) less the share of 0 to 6 (detractors), times 100. Passives, 7 and 8, are in the denominator. In the context `general` the latest answer of a respondent counts, elsewhere the latest to each survey instance; contexts are united. `account` is the mean over accounts of the mean over their answers, so that a large account says no more than a small one.',
  formula: '100 x (promoters - detractors) / answers from 0 to 10 submitted in [t - W, t)',
  rules: [
    'Promoters answer 9 or 10, detractors 0 to 6. Passives are in the denominator and pull towards 0.',
    'Only 0 to 10 with 10 as the best is a recommendation; any other scale is refused.',
    'Latest answers as for csat_score; contexts are united.',
    'account: each account is the mean of its promoters (1), passives (0) and detractors (-1), in 720,720ths; whoever has no account is left out.',
  ],
  unit: 'points',
  dimensions: ['plan', 'survey', 'context'],
  windows: [hours(24), days(7), days(28)],
  defaultWindowMs: days(28),
  lookBackMs: (windowMs) => windowMs,
  events: ['survey.response_submitted'],
  measures: {
    responses: ofAnswer(() => true),
    promoters: ofAnswer((answer) => answer.class === 1),
    detractors: ofAnswer((answer) => answer.class === -1),
    accounts: ofAccount(() => 1),
    account_scores: ofAccount(meanParts),
    account_squares: ofAccount((held) => meanParts(held) ** 2),
  },
  variants: [
    {
      name: '',
      title: 'Promoters less detractors',
      numerator: (components) => promoters(components) - detractors(components),
      denominator: responses,
      scale: 100,
      n: responses,
      interval: 'adjusted_wald',
      squares: (components) => promoters(components) + detractors(components),
      bounds: { low: -1n, high: 1n },
    },
    {
      name: 'account',
      title: 'Mean of the scores of accounts',
      numerator: (components) => components['account_scores'] ?? 0n,
      denominator: accounts,
      scale: 100 / PARTS,
      n: accounts,
      interval: 'student_t',
      squares: (components) => components['account_squares'] ?? 0n,
      bounds: { low: BigInt(-PARTS), high: BigInt(PARTS) },
      published: {
        numerator: (components) => Number(components['account_scores'] ?? 0n) / PARTS,
        denominator: (components) => Number(accounts(components)),
      },
    },
  ],
});
