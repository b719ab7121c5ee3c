import { ALL, type Example, question } from './example.ts';
import { answersTo } from './survey-answer.ts';

const KPI = 'customer_effort_score';

const answer = answersTo({
  kind: 'ces',
  survey_id: 'effort',
  scale_min: 1,
  scale_max: 7,
  direction: 'higher_is_better',
});

/** KPI_SPEC 2.14: mean 29 / 6, and four of six found it easy. */
export function effortExample(asOf: number): Example {
  return {
    title: 'customer effort: 4.833',
    asOf,
    events: [7, 6, 5, 5, 4, 2].map((score, index) =>
      answer(asOf, 2 + index, { event_id: `r${index}`, score }),
    ),
    questions: [
      question(KPI, {
        title: 'all answers',
        groups: { [ALL]: { responses: 6, score_sum: 29, score_squares: 155, easy: 4 } },
        values: { '': 29 / 6, easy_share: 4 / 6 },
      }),
    ],
  };
}

/** Scales are never averaged with each other; each counts from its own low end, and says which end is easy. */
export function effortScalesExample(asOf: number): Example {
  const first = { scale_max: 5, direction: 'lower_is_better' } as const;
  return {
    title: 'customer effort: scales apart, counted from their minimum',
    asOf,
    events: [
      answer(asOf, 2, { event_id: 'anna', score: 6, scale_min: 0, scale_max: 6 }),
      answer(asOf, 3, { event_id: 'ben', score: 2 }),
      answer(asOf, 4, { event_id: 'carl', score: 1, ...first }),
      answer(asOf, 5, { event_id: 'dora', score: 3, ...first }),
      answer(asOf, 6, { event_id: 'emil', score: 7, direction: 'lower_is_better' }),
    ],
    questions: [
      question(KPI, {
        title: 'CES 2.0 when nothing is said',
        groups: { [ALL]: { responses: 2, score_sum: 9, easy: 1 } },
        values: { '': 4.5, easy_share: 0.5 },
      }),
      question(KPI, {
        title: 'CES 1.0',
        filter: { scale: ['5_low'] },
        groups: { [ALL]: { responses: 2, score_sum: 4, easy: 1 } },
        values: { '': 2, easy_share: 0.5 },
      }),
      question(KPI, {
        title: 'by scale',
        by: ['scale'],
        groups: {
          '5_low': { responses: 2, score_sum: 4, easy: 1 },
          '7_high': { responses: 2, score_sum: 9, easy: 1 },
          '7_low': { responses: 1, score_sum: 7, easy: 0 },
        },
      }),
    ],
  };
}
