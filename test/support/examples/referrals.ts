import { type KpiEvent, days } from '@kpi/core';

import { event } from '../event.ts';
import { ALL, type Example, question } from './example.ts';

const KPI = 'referral_rate';

/** A customer for a year with a domain of its own, onboarded unless it says otherwise. */
function customer(asOf: number, id: string, isOnboarded = true): readonly KpiEvent[] {
  const of = { account_id: id, occurred_at: asOf - days(365) };
  return [
    event('account.created', { ...of, event_id: `${id}-created`, domain: `${id}.example` }),
    event('billing.subscription_started', {
      ...of,
      event_id: `${id}-started`,
      subscription_id: id,
    }),
    ...(isOnboarded
      ? [
          event('onboarding.completed', {
            ...of,
            event_id: `${id}-onboarded`,
            occurred_at: asOf - days(300),
          }),
        ]
      : []),
  ];
}

interface Invitation {
  readonly from: string;
  /** Mail address. */
  readonly to: string;
  readonly daysAgo: number;
  /** Account that it is for, where one is named. */
  readonly referred?: string;
}

export function invitation(asOf: number, { from, to, daysAgo, referred }: Invitation): KpiEvent {
  const [, domain = ''] = to.split('@');
  return event('referral.sent', {
    event_id: `${from}-${to}-${daysAgo}`,
    occurred_at: asOf - days(daysAgo),
    account_id: from,
    referral_id: `${from}-${to}`,
    invitee_hash: to,
    invitee_domain: domain,
    referred_account_id: referred ?? null,
  });
}

/**
 * KPI_SPEC 2.17: 40 onboarded; six sent referrals, one only to its own domain, one is not onboarded: 4 of 40. Several referrals
 * are one referrer; an invitee of long ago who is invited again does not count again.
 */
export function referralsExample(asOf: number): Example {
  const onboarded = Array.from({ length: 40 }, (_, index) => customer(asOf, `a${index}`));
  return {
    title: 'referrals: 4 of 40',
    asOf,
    events: [
      ...onboarded.flat(),
      ...customer(asOf, 'new', false),
      ...[
        { from: 'a0', to: 'anna@one.example', daysAgo: 3 },
        { from: 'a0', to: 'ben@two.example', daysAgo: 2 },
        { from: 'a1', to: 'anna@one.example', daysAgo: 27 },
        { from: 'a2', to: 'carl@one.example', daysAgo: 28 },
        { from: 'a3', to: 'dora@one.example', daysAgo: 1 },
        { from: 'a4', to: 'colleague@a4.example', daysAgo: 5 },
        { from: 'new', to: 'emil@one.example', daysAgo: 5 },
        { from: 'a5', to: 'fred@one.example', daysAgo: 90 },
        { from: 'a5', to: 'fred@one.example', daysAgo: 9 },
      ].map((one) => invitation(asOf, one)),
    ],
    questions: [
      question(KPI, {
        title: 'four of forty',
        groups: { [ALL]: { onboarded: 40, referrers: 4 } },
        values: { '': 0.1 },
        intervals: { '': ['0.0396', '0.2305'] },
      }),
    ],
  };
}
