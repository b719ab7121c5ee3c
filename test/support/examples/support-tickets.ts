import { type KpiEvent, days, hours } from '@kpi/core';

import { event } from '../event.ts';
import { ALL, type Example, question } from './example.ts';

const KPI = 'support_ticket_rate';
const DAY = days(1);

function complete(account: string, at: number): KpiEvent {
  return event('lms.course_completed', {
    event_id: `${account}-learns`,
    occurred_at: at,
    account_id: account,
    user_id: `user-of-${account}`,
  });
}

/**
 * KPI_SPEC 2.10: untrained 6 tickets in 49 account-days, trained 1 in 42. A is untrained for 14 days and then trained, B is
 * never trained, C always, D is untrained and leaves after 7 days. Tickets that do not count: one of D after it left, one of a
 * prospect, one that was spam, one that an agent opened.
 */
export function supportTicketExample(asOf: number): Example {
  const start = asOf - days(28);
  const subscribe = (account: string): KpiEvent =>
    event('billing.subscription_started', {
      event_id: `${account}-starts`,
      occurred_at: start - days(90),
      account_id: account,
      subscription_id: account,
    });
  const ticket = (id: string, account: string | null, day: number): KpiEvent =>
    event('support.ticket_created', {
      event_id: `ticket-${id}`,
      ticket_id: id,
      occurred_at: start + days(day) + hours(6),
      account_id: account,
      user_id: account === null ? 'prospect' : null,
    });
  const agentTicket = event('support.ticket_created', {
    event_id: 'ticket-agent',
    ticket_id: 'agent',
    occurred_at: start + days(2),
    account_id: 'B',
    is_customer_initiated: false,
  });
  const untrained = { tickets: 6, exposure_ms: 49 * DAY, accounts: 3 };
  /** Tickets outside active time have no piece of it, so no dimension is known. */
  const outside = { tickets: 0, exposure_ms: 0, account_not_active: 1, unresolved_account: 1 };
  const trained = { tickets: 1, exposure_ms: 42 * DAY, accounts: 2 };
  return {
    title: 'support tickets: 7 in 91 account-days',
    asOf,
    events: [
      ...['A', 'B', 'C', 'D'].map(subscribe),
      complete('A', start + days(14)),
      complete('C', start - days(5)),
      event('billing.subscription_ended', {
        event_id: 'D-ends',
        occurred_at: start + days(7),
        account_id: 'D',
        subscription_id: 'D',
      }),
      ticket('a1', 'A', 1),
      ticket('a2', 'A', 13),
      ticket('b1', 'B', 4),
      ticket('b2', 'B', 14),
      ticket('b3', 'B', 27),
      ticket('c1', 'C', 9),
      ticket('d1', 'D', 6),
      ticket('late', 'D', 8),
      ticket('unresolved', null, 3),
      ticket('spam', 'B', 5),
      event('support.ticket_invalidated', {
        event_id: 'spam-found',
        occurred_at: start + days(20),
        account_id: 'B',
        ticket_id: 'spam',
      }),
      agentTicket,
    ],
    questions: [
      question(KPI, {
        title: 'all accounts',
        groups: {
          [ALL]: {
            tickets: 7,
            exposure_ms: 91 * DAY,
            accounts: 4,
            account_not_active: 1,
            unresolved_account: 1,
          },
        },
        values: { '': 700 / 91 },
      }),
      question(KPI, {
        title: 'by training',
        by: ['trained'],
        groups: { false: untrained, true: trained, '(none)': outside },
      }),
      question(KPI, {
        title: 'by training, tenure and plan',
        by: ['trained', 'tenure', 'plan'],
        groups: {
          'false,84-182,pro': untrained,
          'true,84-182,pro': trained,
          '(none),(none),(none)': outside,
        },
      }),
      question(KPI, {
        title: 'trained accounts',
        filter: { trained: ['true'] },
        groups: { [ALL]: trained },
        values: { '': 100 / 42 },
      }),
      question(KPI, {
        title: 'untrained accounts',
        filter: { trained: ['false'] },
        groups: { [ALL]: untrained },
        values: { '': 600 / 49 },
      }),
    ],
  };
}
