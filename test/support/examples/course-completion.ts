import { type KpiEvent, days, hours } from '@kpi/core';

import { event } from '../event.ts';
import { ALL, type Example, question } from './example.ts';

const KPI = 'course_completion_rate';

/**
 * KPI_SPEC 2.1: as of day 56 the cohort window is days 0 to 28; 2 of 4 runs are completed within 28 days, 3 to date, one run
 * was withdrawn in grace, one is immature. u1 and u2 belong to a customer, u4 to an account that never paid, the others to none.
 */
export function courseCompletionExample(asOf: number): Example {
  const day = (n: number): number => asOf - days(56) + days(n) + hours(12);
  const enrol = (user: string, on: number, account: string | null = null): KpiEvent =>
    event('lms.course_enrolled', {
      event_id: `enrol-${user}-${on}`,
      enrolment_id: `enrolment-${user}-${on}`,
      occurred_at: day(on),
      user_id: user,
      account_id: account,
    });
  const complete = (user: string, on: number, account: string | null = null): KpiEvent =>
    event('lms.course_completed', {
      event_id: `complete-${user}`,
      occurred_at: day(on),
      user_id: user,
      account_id: account,
    });
  const customers = { enrolled: 2, completed: 1, completed_to_date: 2, immature: 0, withdrawn: 0 };
  const others = { enrolled: 2, completed: 1, completed_to_date: 1, immature: 1, withdrawn: 1 };
  return {
    title: 'course completion: 2 of 4 runs in time, 3 to date',
    asOf,
    events: [
      event('billing.subscription_started', {
        event_id: 'north-starts',
        occurred_at: day(0),
        account_id: 'north',
      }),
      enrol('u1', 1, 'north'),
      enrol('u1', 9, 'north'),
      complete('u1', 19, 'north'),
      enrol('u2', 2, 'north'),
      complete('u2', 42, 'north'),
      enrol('u3', 3),
      event('lms.course_unenrolled', {
        event_id: 'unenrol-u3',
        occurred_at: day(5),
        user_id: 'u3',
      }),
      enrol('u4', 4, 'south'),
      enrol('u5', 6),
      complete('u5', 11),
      enrol('u6', 45),
    ],
    questions: [
      question(KPI, {
        title: 'all runs',
        groups: {
          [ALL]: { enrolled: 4, completed: 2, completed_to_date: 3, immature: 1, withdrawn: 1 },
        },
        values: { '': 0.5, to_date: 0.75 },
        intervals: { '': ['0.150', '0.850'] },
      }),
      question(KPI, {
        title: 'by whether the account was a customer at enrolment',
        by: ['is_customer'],
        groups: { true: customers, false: others },
      }),
      question(KPI, {
        title: 'by course and plan',
        by: ['course', 'plan'],
        groups: { 'basics,pro': customers, 'basics,(none)': others },
      }),
      question(KPI, {
        title: 'customers only',
        filter: { is_customer: ['true'] },
        groups: { [ALL]: customers },
        values: { '': 0.5, to_date: 1 },
      }),
      question(KPI, {
        title: 'another course',
        filter: { course: ['advanced'] },
        groups: { [ALL]: { enrolled: 0, completed: 0, immature: 0 } },
        values: { '': null, to_date: null },
      }),
    ],
  };
}
