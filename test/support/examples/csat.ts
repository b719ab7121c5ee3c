import { ALL, type Example, question } from './example.ts';
import { answersTo } from './survey-answer.ts';

const KPI = 'csat_score';

const answer = answersTo({});

/** KPI_SPEC 2.6: five answers on 5 points, one 6 of 7, one thumb up: 5 of 7 are satisfied. */
export function csatExample(asOf: number): Example {
  const fivePoints = [5, 4, 4, 3, 2].map((score, index) =>
    answer(asOf, 2 + index, { event_id: `r${index}`, score }),
  );
  return {
    title: 'csat: 5 of 7',
    asOf,
    events: [
      ...fivePoints,
      answer(asOf, 8, { event_id: 'r5', score: 6, scale_min: 1, scale_max: 7 }),
      answer(asOf, 9, { event_id: 'r6', score: 1, scale_min: 0, scale_max: 1 }),
    ],
    questions: [
      question(KPI, {
        title: 'all answers',
        groups: { [ALL]: { responses: 7, satisfied: 5 } },
        values: { '': 5 / 7 },
        intervals: { '': ['0.3589', '0.9178'] },
      }),
    ],
  };
}

/**
 * Contexts are never pooled; in `general` the latest answer of a respondent counts, elsewhere the latest to each instance; a
 * scale on which low is good is mirrored; the latest answer counts only while it lies in the window.
 */
export function csatRulesExample(asOf: number): Example {
  const onTicket = { context: 'ticket', survey_id: 'after-ticket' } as const;
  return {
    title: 'csat: contexts, latest answers, mirrored scale',
    asOf,
    events: [
      answer(asOf, 9, { event_id: 'anna-1', user_id: 'anna', score: 5 }),
      answer(asOf, 3, { event_id: 'anna-2', user_id: 'anna', score: 2 }),
      answer(asOf, 5, { event_id: 'ben', score: 1, direction: 'lower_is_better' }),
      answer(asOf, 40, { event_id: 'carl', score: 5 }),
      answer(asOf, 6, {
        event_id: 'anna-3',
        user_id: 'anna',
        instance_id: 'a',
        score: 5,
        ...onTicket,
      }),
      answer(asOf, 4, {
        event_id: 'anna-4',
        user_id: 'anna',
        instance_id: 'a',
        score: 1,
        ...onTicket,
      }),
      answer(asOf, 4, {
        event_id: 'anna-5',
        user_id: 'anna',
        instance_id: 'b',
        score: 4,
        ...onTicket,
      }),
    ],
    questions: [
      question(KPI, {
        title: 'without a context: general',
        groups: { [ALL]: { responses: 2, satisfied: 1 } },
        values: { '': 0.5 },
      }),
      question(KPI, {
        title: 'the context ticket',
        filter: { context: ['ticket'] },
        groups: { [ALL]: { responses: 2, satisfied: 1 } },
        values: { '': 0.5 },
      }),
      question(KPI, {
        title: 'by context and survey',
        by: ['context', 'survey'],
        groups: {
          'general,csat': { responses: 2, satisfied: 1 },
          'ticket,after-ticket': { responses: 2, satisfied: 1 },
        },
      }),
    ],
  };
}
