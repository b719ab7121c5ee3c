import { type KpiEvent, days } from '@kpi/core';

import { event } from '../event.ts';
import { ALL, type Example, question } from './example.ts';

const KEY_ACTIONS = ['create_project', 'invite_user', 'connect_source'] as const;

interface Doing {
  readonly account: string;
  readonly daysAgo: number;
  readonly action?: string;
  readonly isValueEvent?: boolean;
}

function did(asOf: number, { account, daysAgo, action = 'open', isValueEvent = true }: Doing) {
  return event('product.action_performed', {
    event_id: `${account}-${action}-${daysAgo}`,
    occurred_at: asOf - days(daysAgo),
    account_id: account,
    user_id: `${account}-user`,
    action,
    is_value_event: isValueEvent,
  });
}

function created(asOf: number, account: string, daysAgo: number): KpiEvent {
  return event('account.created', {
    event_id: `${account}-created`,
    occurred_at: asOf - days(daysAgo),
    account_id: account,
  });
}

function accounts(prefix: string, count: number): readonly string[] {
  return Array.from({ length: count }, (_, index) => `${prefix}${index}`);
}

/**
 * KPI_SPEC 2.4: 500 registered, 13 become dormant in the window: 2.60 %. Most others did long ago; five use the product; one
 * that becomes dormant, is active again and leaves counts once.
 */
export function registeredExample(asOf: number): Example {
  const leaving = accounts('leaving', 11);
  const using = accounts('using', 5);
  return {
    title: 'registered churn: 13 of 500',
    asOf,
    events: [
      ...accounts('idle', 482).map((id) => created(asOf, id, 200)),
      ...using.flatMap((id) => [
        created(asOf, id, 200),
        did(asOf, { account: id, daysAgo: 30 }),
        did(asOf, { account: id, daysAgo: 10 }),
      ]),
      ...leaving.flatMap((id) => [
        created(asOf, id, 200),
        did(asOf, { account: id, daysAgo: 40 }),
        // No sign of use.
        did(asOf, { account: id, daysAgo: 20, isValueEvent: false }),
      ]),
      created(asOf, 'twice', 200),
      did(asOf, { account: 'twice', daysAgo: 50 }),
      did(asOf, { account: 'twice', daysAgo: 12 }),
      event('billing.subscription_started', {
        event_id: 'twice-started',
        occurred_at: asOf - days(200),
        account_id: 'twice',
      }),
      event('billing.subscription_ended', {
        event_id: 'twice-ended',
        occurred_at: asOf - days(3),
        account_id: 'twice',
      }),
      created(asOf, 'never', 35),
    ],
    questions: [
      question('registered_churn_share', {
        title: '13 of 500',
        groups: { [ALL]: { registered: 500, dormant: 13, never_active: 1 } },
        values: { '': 0.026, never_active: 0.002 },
        intervals: { '': ['0.0153', '0.0440'] },
      }),
    ],
  };
}

/** KPI_SPEC 2.12: five of eight did all three in time; two are too young, though one of them has: 62.5 %, not 60 %. */
export function activationExample(asOf: number): Example {
  const all = (account: string, daysAgo: number): readonly KpiEvent[] =>
    KEY_ACTIONS.map((action) => did(asOf, { account, daysAgo, action, isValueEvent: false }));
  return {
    title: 'activation: 5 of 8',
    asOf,
    events: [
      ...accounts('in-time', 5).flatMap((id) => [created(asOf, id, 20), ...all(id, 14)]),
      created(asOf, 'too-late', 20),
      ...all('too-late', 13),
      created(asOf, 'not-all', 20),
      ...all('not-all', 19).slice(1),
      created(asOf, 'nothing', 20),
      created(asOf, 'young', 6),
      ...all('young', 5),
      created(asOf, 'younger', 2),
    ],
    questions: [
      question('activation_rate', {
        title: 'five of eight',
        groups: { [ALL]: { entered: 8, activated: 5, immature: 2 } },
        values: { '': 5 / 8 },
        intervals: { '': ['0.3057', '0.8632'] },
      }),
    ],
  };
}

/** KPI_SPEC 2.13: six of ten are regular; nine days in one week are not. */
export function adoptionExample(asOf: number): Example {
  const onboarded = (id: string, daysAgo: number): readonly KpiEvent[] => [
    event('billing.subscription_started', {
      event_id: `${id}-started`,
      occurred_at: asOf - days(100),
      account_id: id,
      subscription_id: id,
    }),
    event('onboarding.completed', {
      event_id: `${id}-onboarded`,
      occurred_at: asOf - days(daysAgo),
      account_id: id,
    }),
  ];
  const active = (account: string, ...daysAgo: readonly number[]): readonly KpiEvent[] =>
    daysAgo.map((ago) => did(asOf, { account, daysAgo: ago }));
  const regular = accounts('regular', 6);
  return {
    title: 'adoption: 6 of 10',
    asOf,
    events: [
      ...[...regular, 'crowded', 'twice', 'idle', 'gone'].flatMap((id) => onboarded(id, 60)),
      ...regular.flatMap((id, index) => active(id, 1 + index, 8, 22)),
      ...active('crowded', 7.5, 8, 8.5, 9, 10, 11, 12, 13, 13.9),
      ...active('twice', 3, 9, 40),
      ...active('gone', 27),
      event('billing.subscription_ended', {
        event_id: 'gone-ended',
        occurred_at: asOf - days(26),
        account_id: 'gone',
        subscription_id: 'gone',
      }),
      ...onboarded('new', 5),
      ...active('new', 4, 3),
    ],
    questions: [
      question('adoption_rate', {
        title: 'six of ten',
        groups: { [ALL]: { onboarded: 10, regular: 6, immature: 1 } },
        values: { '': 0.6 },
        intervals: { '': ['0.3127', '0.8318'] },
      }),
    ],
  };
}
