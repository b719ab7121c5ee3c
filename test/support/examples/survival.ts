import { type KpiEvent, days } from '@kpi/core';

import { event } from '../event.ts';
import { ALL, type Example, question } from './example.ts';

const WINDOW_MS = days(91);

interface Stay {
  readonly account: string;
  readonly from: number;
  readonly to: number;
}

/** A subscription from one instant to another. */
function stay({ account, from, to }: Stay): readonly KpiEvent[] {
  const subject = { account_id: account, subscription_id: `${account}-main` };
  return [
    event('billing.subscription_started', {
      event_id: `${account}-started`,
      occurred_at: from,
      ...subject,
    }),
    event('billing.subscription_ended', {
      event_id: `${account}-ended`,
      occurred_at: to,
      ...subject,
    }),
  ];
}

/** KPI_SPEC 2.11: value after 1, 2, 2 and 5 days, churned after 3, still waiting after 4: a median of 2 days, not the mean of 2.5. */
export function firstValueExample(asOf: number): Example {
  const origin = asOf - days(20);
  const created = (account: string, at: number): KpiEvent =>
    event('account.created', {
      event_id: `${account}-created`,
      occurred_at: at,
      account_id: account,
    });
  const valued = (account: string, afterDays: number): readonly KpiEvent[] => [
    created(account, origin),
    // The second one says nothing more.
    ...[afterDays, afterDays + 1].map((day) =>
      event('product.action_performed', {
        event_id: `${account}-value-${day}`,
        occurred_at: origin + days(day),
        account_id: account,
        user_id: `${account}-user`,
        action: 'open',
        is_value_event: true,
      }),
    ),
  ];
  return {
    title: 'time to first value: median 2 days',
    asOf,
    events: [
      ...valued('first', 1),
      ...valued('second', 2),
      ...valued('third', 2),
      ...valued('fourth', 5),
      created('leaving', origin),
      ...stay({ account: 'leaving', from: origin, to: origin + days(3) }),
      created('waiting', asOf - days(4)),
    ],
    questions: [
      question('time_to_first_value', {
        title: 'four of six had value',
        windowMs: WINDOW_MS,
        groups: { [ALL]: { entrants: 6, reached: 4 } },
        values: { '': 2, by_1d: 1 / 6, by_7d: 1, by_14d: 1, by_28d: 1 },
      }),
    ],
  };
}

/** KPI_SPEC 2.15: proficient after 10, 14 and 21 days, lost after 14 and still on the way after 30: a median of 21 days. */
export function proficiencyExample(asOf: number): Example {
  const origin = asOf - days(60);
  const started = (user: string, at: number): KpiEvent =>
    event('onboarding.started', {
      event_id: `${user}-started`,
      occurred_at: at,
      account_id: `${user}-account`,
      user_id: user,
    });
  const proficient = (user: string, afterDays: number): readonly KpiEvent[] => [
    started(user, origin),
    event('lms.course_completed', {
      event_id: `${user}-completed`,
      occurred_at: origin + days(afterDays),
      account_id: `${user}-account`,
      user_id: user,
    }),
  ];
  return {
    title: 'time to proficiency: median 21 days',
    asOf,
    events: [
      ...proficient('quick', 10),
      ...proficient('steady', 14),
      ...proficient('slow', 21),
      started('leaving', origin),
      ...stay({ account: 'leaving-account', from: origin, to: origin + days(14) }),
      started('waiting', asOf - days(30)),
    ],
    questions: [
      question('time_to_proficiency', {
        title: 'three of five are proficient',
        windowMs: WINDOW_MS,
        groups: { [ALL]: { entrants: 5, reached: 3 } },
        values: { '': 21, by_1d: 0, by_7d: 0, by_14d: 0.4, by_28d: 0.7 },
      }),
    ],
  };
}
