import { type KpiEvent, days } from '@kpi/core';

import { event } from '../event.ts';
import { ALL, type Example, question } from './example.ts';
import { invitation } from './referrals.ts';

function account(asOf: number, id: string, isInternal = false): KpiEvent {
  return event('account.created', {
    event_id: `${id}-created`,
    occurred_at: asOf - days(365),
    account_id: id,
    domain: `${id}.example`,
    is_internal: isInternal,
  });
}

interface Referral {
  readonly from: string;
  /** The referred account. */
  readonly to: string;
  readonly daysAgo: number;
  readonly domain?: string;
}

function referral(asOf: number, { from, to, daysAgo, domain = `${to}.example` }: Referral) {
  return invitation(asOf, { from, to: `${to}@${domain}`, daysAgo, referred: to });
}

function becameCustomer(asOf: number, id: string, daysAgo: number): KpiEvent {
  return event('billing.subscription_started', {
    event_id: `${id}-started`,
    occurred_at: asOf - days(daysAgo),
    account_id: id,
    subscription_id: id,
  });
}

/**
 * KPI_SPEC 7.4: four accounts were first referred in the cohort window, days [0, 28) of 56, and were no customers before. Of `quick` and
 * `twice` the subscription begins within 28 days, of `late` exactly then. `old` was a customer, `early` was first referred before the
 * window, `young` after it; a colleague, oneself and an internal account refer nobody.
 */
export function referralConversionExample(asOf: number): Example {
  return {
    title: 'conversion of referrals: 2 of 4',
    asOf,
    events: [
      account(asOf, 'sender'),
      account(asOf, 'other'),
      account(asOf, 'own', true),
      ...[
        { from: 'sender', to: 'quick', daysAgo: 40 },
        { from: 'sender', to: 'late', daysAgo: 40 },
        { from: 'sender', to: 'never', daysAgo: 56 },
        { from: 'sender', to: 'twice', daysAgo: 29 },
        { from: 'other', to: 'twice', daysAgo: 50 },
        { from: 'sender', to: 'old', daysAgo: 40 },
        { from: 'sender', to: 'early', daysAgo: 40 },
        { from: 'other', to: 'early', daysAgo: 57 },
        { from: 'sender', to: 'young', daysAgo: 28 },
        { from: 'sender', to: 'branch', daysAgo: 40, domain: 'Sender.example' },
        { from: 'myself', to: 'myself', daysAgo: 40 },
        { from: 'own', to: 'tested', daysAgo: 40 },
      ].map((one) => referral(asOf, one)),
      becameCustomer(asOf, 'quick', 30),
      becameCustomer(asOf, 'late', 12),
      becameCustomer(asOf, 'twice', 23),
      becameCustomer(asOf, 'old', 41),
      becameCustomer(asOf, 'young', 20),
    ],
    questions: [
      question('referral_rate', {
        title: 'two of four',
        groups: { [ALL]: { entered: 4, converted: 2, immature: 1, customers_already: 1 } },
        values: { conversion: 0.5 },
      }),
    ],
  };
}
