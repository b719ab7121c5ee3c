import { type Kpi, defineKpi } from '../catalogue.ts';
import { days, hours } from '../duration.ts';
import { type Components } from '../kpi.ts';
import { type Measure } from '../measure.ts';
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

const responses = (components: Components): bigint => components['responses'] ?? 0n;
const promoters = (components: Components): bigint => components['promoters'] ?? 0n;
const detractors = (components: Components): bigint => components['detractors'] ?? 0n;

/** Promoters less detractors, of all who answered; in points, -100 to 100. */
export const npsScore: Kpi = defineKpi({
  id: 'nps_score',
  version: 1,
  title: 'Net promoter score',
  description:
    'Of the answers from 0 to 10 submitted in the window, the share of 9 and 10 (promoters) less the share of 0 to 6 (detractors), times 100. Passives, 7 and 8, are in the denominator. In the context `general` the latest answer of a respondent counts, elsewhere the latest to each survey instance; contexts are united.',
  formula: '100 x (promoters - detractors) / answers from 0 to 10 submitted in [t - W, t)',
  rules: [
    'Promoters answer 9 or 10, detractors 0 to 6. Passives are in the denominator and pull towards 0.',
    'Only 0 to 10 with 10 as the best is a recommendation; any other scale is refused.',
    'Latest answers as for csat_score; contexts are united.',
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
  ],
});
