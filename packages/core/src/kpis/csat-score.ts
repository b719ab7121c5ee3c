import { type Kpi, defineKpi } from '../catalogue.ts';
import { days, hours } from '../duration.ts';
import { type Measure } from '../measure.ts';
import { type CsatAnswer, answerIntervals } from '../survey-answers.ts';

/** Counts the latest answer of a respondent while it lies in the window and the condition holds. */
function ofAnswer(isCounted: (answer: CsatAnswer) => boolean): Measure {
  return {
    unit: 'csat_answer',
    kind: 'count',
    intervals: (answer, { windowMs }) =>
      answerIntervals(answer, { windowMs, weight: Number(isCounted(answer)) }),
  };
}

/** Share of valid answers that are satisfied, one per respondent (context general) or per respondent and survey instance. */
export const csatScore: Kpi = defineKpi({
  id: 'csat_score',
  version: 1,
  title: 'Customer satisfaction (CSAT)',
  description:
    'Of the valid CSAT answers submitted in the window, the share that is satisfied: the top two boxes of a 5-, 7-, 10- or 11-point scale, the top box of a 2- or 3-point one. Contexts are never pooled unless asked; in the context `general` the latest answer of a respondent counts.',
  formula: 'satisfied answers / valid answers submitted in [t - W, t)',
  rules: [
    'Satisfied, unless defined otherwise: the top two boxes of 5, 7, 10 or 11, the top one of 2 or 3, from the good end of the scale.',
    'First valid, then latest, then in the window: a changed answer replaces the former.',
    'In the context general (or others that are defined so) one answer per respondent counts, elsewhere one per respondent and sending of the survey.',
    'Contexts are never pooled unless asked for.',
  ],
  unit: 'ratio',
  dimensions: ['plan', 'survey', 'context'],
  defaultFilter: { context: ['general'] },
  windows: [hours(24), days(7), days(28)],
  defaultWindowMs: days(28),
  lookBackMs: (windowMs) => windowMs,
  events: ['survey.response_submitted'],
  measures: {
    responses: ofAnswer(() => true),
    satisfied: ofAnswer((answer) => answer.isSatisfied),
  },
  variants: [
    {
      name: '',
      title: 'Satisfied share',
      numerator: (components) => components['satisfied'] ?? 0n,
      denominator: (components) => components['responses'] ?? 0n,
      n: (components) => components['responses'] ?? 0n,
      interval: 'wilson',
    },
  ],
});
