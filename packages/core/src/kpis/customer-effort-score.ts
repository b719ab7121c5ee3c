import { type Kpi, defineKpi } from '../catalogue.ts';
import { days, hours } from '../duration.ts';
import { type Components } from '../kpi.ts';
import { type Measure } from '../measure.ts';
import { type CesAnswer, answerIntervals } from '../survey-answers.ts';

/** Sums a weight of the latest answer of a respondent while it lies in the window. */
function ofAnswer(weightOf: (answer: CesAnswer) => number): Measure {
  return {
    unit: 'ces_answer',
    kind: 'count',
    intervals: (answer, { windowMs }) => {
      const { scale } = answer;
      return answerIntervals(answer, { windowMs, weight: weightOf(answer), dimensions: { scale } });
    },
  };
}

const responses = (components: Components): bigint => components['responses'] ?? 0n;

/** Mean answer to "made it easy", and the share of those who found it easy. */
export const customerEffortScore: Kpi = defineKpi({
  id: 'customer_effort_score',
  version: 1,
  title: 'Customer effort score (CES)',
  description:
    'Mean of the answers submitted in the window, counted from 1 at the low end of their scale. Scales are never averaged with each other: without a filter it is CES 2.0 (`7_high`: 1 to 7, high is easy); CES 1.0 (1 to 5, low is little effort) is `5_low`. `easy_share` is the share on the easy side of the middle: 5 to 7 of CES 2.0. In the context `general` the latest answer of a respondent counts, elsewhere the latest to each survey instance.',
  formula: 'sum of answers / answers submitted in [t - W, t)',
  rules: [
    'A scale counts from 1 at its low end; scales of another length or another good end are never averaged with it.',
    'Without a direction an answer is refused.',
    'Latest answers as for csat_score; contexts are united.',
    'The mean has an interval from 30 answers on.',
  ],
  unit: 'scale_points',
  dimensions: ['plan', 'survey', 'context', 'scale'],
  defaultFilter: { scale: ['7_high'] },
  single: ['scale'],
  windows: [hours(24), days(7), days(28)],
  defaultWindowMs: days(28),
  lookBackMs: (windowMs) => windowMs,
  events: ['survey.response_submitted'],
  measures: {
    responses: ofAnswer(() => 1),
    score_sum: ofAnswer(({ score }) => score),
    score_squares: ofAnswer(({ score }) => score ** 2),
    easy: ofAnswer(({ isEasy }) => Number(isEasy)),
  },
  variants: [
    {
      name: '',
      title: 'Mean answer',
      numerator: (components) => components['score_sum'] ?? 0n,
      denominator: responses,
      n: responses,
      interval: 'student_t',
      squares: (components) => components['score_squares'] ?? 0n,
      // The longest scale there is.
      bounds: { low: 1n, high: 11n },
    },
    {
      name: 'easy_share',
      title: 'Share that found it easy',
      numerator: (components) => components['easy'] ?? 0n,
      denominator: responses,
      n: responses,
      interval: 'wilson',
      unit: 'ratio',
    },
  ],
});
