import { ALL, type Example, question } from './example.ts';
import { answersTo } from './survey-answer.ts';

const KPI = 'nps_score';

const answer = answersTo({
  kind: 'nps',
  survey_id: 'recommendation',
  scale_min: 0,
  scale_max: 10,
});

/** KPI_SPEC 2.7: four promote, two detract, eight answered: +25. Without the passives it would be 33.3. */
export function npsExample(asOf: number): Example {
  return {
    title: 'nps: +25',
    asOf,
    events: [10, 9, 9, 10, 8, 7, 6, 3].map((score, index) =>
      answer(asOf, 2 + index, { event_id: `r${index}`, score }),
    ),
    questions: [
      question(KPI, {
        title: 'all answers',
        groups: { [ALL]: { responses: 8, promoters: 4, detractors: 2 } },
        values: { '': 25 },
        intervals: { '': ['-29.4', '65.8'] },
      }),
    ],
  };
}

/**
 * Account-level NPS: three promoters of a large account, one of whom changed their mind, a promoter and a detractor of a small
 * one, a passive one; who has no account is in none of them. By answers it is 57.1.
 */
export function npsAccountsExample(asOf: number): Example {
  const said = (account: string | null, user: string, score: number) =>
    answer(asOf, 3, { event_id: user, user_id: user, account_id: account, score });
  return {
    title: 'nps of accounts: +33.3',
    asOf,
    events: [
      said('large', 'anna', 10),
      said('large', 'ben', 9),
      answer(asOf, 9, { event_id: 'carl-1', user_id: 'carl', account_id: 'large', score: 0 }),
      said('large', 'carl', 9),
      said('small', 'dora', 9),
      said('small', 'emil', 6),
      said('passive', 'fred', 8),
      said(null, 'gina', 10),
      answer(asOf, 29, { event_id: 'hugo', user_id: 'hugo', account_id: 'earlier', score: 0 }),
    ],
    questions: [
      question(KPI, {
        title: 'a large, a small and a passive account',
        groups: { [ALL]: { responses: 7, promoters: 5, detractors: 1, accounts: 3 } },
        values: { '': 400 / 7, account: 100 / 3 },
      }),
    ],
  };
}

/** Each context by its own rule, then united; a changed answer replaces the former; CSAT answers are another matter. */
export function npsRulesExample(asOf: number): Example {
  const inCourse = { context: 'course', survey_id: 'after-course' } as const;
  return {
    title: 'nps: contexts united, latest answers',
    asOf,
    events: [
      answer(asOf, 9, { event_id: 'anna-1', user_id: 'anna', score: 10, instance_id: 'spring' }),
      answer(asOf, 3, { event_id: 'anna-2', user_id: 'anna', score: 4, instance_id: 'summer' }),
      answer(asOf, 8, {
        event_id: 'anna-3',
        user_id: 'anna',
        score: 9,
        instance_id: 'a',
        ...inCourse,
      }),
      answer(asOf, 7, {
        event_id: 'anna-4',
        user_id: 'anna',
        score: 10,
        instance_id: 'b',
        ...inCourse,
      }),
      answer(asOf, 5, { event_id: 'ben', score: 8, scale_min: null, scale_max: null }),
      answer(asOf, 40, { event_id: 'carl', score: 10 }),
      answer(asOf, 2, { event_id: 'dora', score: 5, kind: 'csat', scale_min: 1, scale_max: 5 }),
    ],
    questions: [
      question(KPI, {
        title: 'of all contexts',
        groups: { [ALL]: { responses: 4, promoters: 2, detractors: 1 } },
        values: { '': 25 },
      }),
      question(KPI, {
        title: 'by context',
        by: ['context'],
        groups: {
          general: { responses: 2, promoters: 0, detractors: 1 },
          course: { responses: 2, promoters: 2, detractors: 0 },
        },
      }),
    ],
  };
}
