import { type KpiEvent, days } from '@kpi/core';

import { event } from '../event.ts';
import { ALL, type Example, question } from './example.ts';

const KPI = 'customer_churn_rate';

/** What becomes of one account; times in days before `asOf`. */
interface Story {
  readonly plan: string;
  readonly startedDaysAgo: number;
  readonly endedDaysAgo?: number;
  readonly backDaysAgo?: number;
}

function times(count: number, story: Story): readonly Story[] {
  return Array.from({ length: count }, () => story);
}

/** |S| = 200 of which 9 churn and 1 of them comes back; 30 new accounts of which 4 churn again. */
const STORIES: readonly Story[] = [
  ...times(115, { plan: 'pro', startedDaysAgo: 100 }),
  ...times(4, { plan: 'pro', startedDaysAgo: 100, endedDaysAgo: 20 }),
  ...times(1, { plan: 'pro', startedDaysAgo: 100, endedDaysAgo: 20, backDaysAgo: 10 }),
  ...times(76, { plan: 'team', startedDaysAgo: 100 }),
  ...times(4, { plan: 'team', startedDaysAgo: 100, endedDaysAgo: 15 }),
  ...times(17, { plan: 'pro', startedDaysAgo: 12 }),
  ...times(3, { plan: 'pro', startedDaysAgo: 12, endedDaysAgo: 5 }),
  ...times(9, { plan: 'team', startedDaysAgo: 12 }),
  ...times(1, { plan: 'team', startedDaysAgo: 12, endedDaysAgo: 5 }),
];

function eventsOf(story: Story, index: number, asOf: number): readonly KpiEvent[] {
  const account = `account-${index}`;
  const at = (daysAgo: number): number => asOf - days(daysAgo);
  const start = (daysAgo: number, name: string): KpiEvent =>
    event('billing.subscription_started', {
      event_id: `${account}-${name}`,
      occurred_at: at(daysAgo),
      account_id: account,
      subscription_id: `subscription-${index}`,
      plan_id: story.plan,
    });
  const ended =
    story.endedDaysAgo === undefined
      ? []
      : [
          event('billing.subscription_ended', {
            event_id: `${account}-ends`,
            occurred_at: at(story.endedDaysAgo),
            account_id: account,
            subscription_id: `subscription-${index}`,
          }),
        ];
  const back = story.backDaysAgo === undefined ? [] : [start(story.backDaysAgo, 'returns')];
  return [start(story.startedDaysAgo, 'starts'), ...ended, ...back];
}

/**
 * KPI_SPEC 2.3: gross 9/200, net 8/200, with new accounts 13/230. A counter of churns over the accounts at the start would
 * say 13/200.
 */
export function customerChurnExample(asOf: number): Example {
  return {
    title: 'churn: 9 of 200, net 8 of 200, with new 13 of 230',
    asOf,
    events: STORIES.flatMap((story, index) => eventsOf(story, index, asOf)),
    questions: [
      question(KPI, {
        title: 'all accounts',
        groups: {
          [ALL]: {
            start: 200,
            churned: 9,
            net_lost: 8,
            with_new_base: 230,
            with_new_churned: 13,
            start_mrr: 200 * 100_00,
            churned_mrr: 9 * 100_00,
            no_fx_rate: 0,
          },
        },
        values: { '': 0.045, gross: 0.045, net: 0.04, with_new: 13 / 230, revenue: 0.045 },
        intervals: { '': ['0.0239', '0.0833'], gross: ['0.0239', '0.0833'] },
      }),
      question(KPI, {
        title: 'by plan',
        by: ['plan'],
        groups: {
          pro: { start: 120, churned: 5, net_lost: 4, with_new_base: 140, with_new_churned: 8 },
          team: { start: 80, churned: 4, net_lost: 4, with_new_base: 90, with_new_churned: 5 },
        },
      }),
      question(KPI, {
        title: 'one plan',
        filter: { plan: ['team'] },
        groups: { [ALL]: { start: 80, churned: 4 } },
        values: { '': 0.05 },
      }),
    ],
  };
}

/**
 * Revenue churn: both sides at the MRR of t - W and the exchange rate of that day. `west` doubles its price before it leaves,
 * the dollar halves after t - W: neither counts. Nobody published a rate for pounds.
 */
export function revenueChurnExample(asOf: number): Example {
  const start = (account: string, mrrMinor: number, currency: string): KpiEvent =>
    event('billing.subscription_started', {
      event_id: `${account}-starts`,
      occurred_at: asOf - days(60),
      account_id: account,
      subscription_id: account,
      mrr_minor: mrrMinor,
      currency,
    });
  const end = (account: string): KpiEvent =>
    event('billing.subscription_ended', {
      event_id: `${account}-ends`,
      occurred_at: asOf - days(7),
      account_id: account,
      subscription_id: account,
    });
  const rate = (name: string, value: string, daysAgo: number): KpiEvent =>
    event('fx.rate_published', {
      event_id: name,
      occurred_at: asOf - days(daysAgo),
      rate: value,
      date: new Date(asOf - days(daysAgo)).toISOString().slice(0, 10),
    });
  return {
    title: 'revenue churn: 480 of 580 EUR a month',
    asOf,
    events: [
      rate('usd-then', '0.90', 40),
      rate('usd-now', '0.45', 10),
      start('east', 100_00, 'EUR'),
      start('west', 300_00, 'EUR'),
      event('billing.subscription_updated', {
        event_id: 'west-grows',
        occurred_at: asOf - days(14),
        account_id: 'west',
        subscription_id: 'west',
        mrr_minor: 600_00,
      }),
      end('west'),
      start('south', 200_00, 'USD'),
      end('south'),
      start('isle', 500_00, 'GBP'),
    ],
    questions: [
      question(KPI, {
        title: 'all accounts',
        groups: {
          [ALL]: {
            start: 4,
            churned: 2,
            start_mrr: 580_00,
            churned_mrr: 480_00,
            no_fx_rate: 1,
          },
        },
        values: { '': 0.5, revenue: 480 / 580 },
      }),
    ],
  };
}
