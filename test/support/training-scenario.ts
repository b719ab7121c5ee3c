import { type KpiEvent, days } from '@kpi/core';

import { event } from './event.ts';

const PERIOD_MS = days(28);
const PERIODS = 13;
/** Tickets per account-period: the first, the second and third, all later ones. */
const RATES = [1, 0.5, 0.5] as const;
const LATER = 0.2;
const TRAINED_FROM = 3;

interface Group {
  readonly name: string;
  readonly accounts: number;
  readonly periods: number;
  /** Ratio of the ticket rate once trained; undefined of who never is. */
  readonly effect?: number;
}

/**
 * The company of STATISTICS 9 as events: 600 accounts that leave after a period, 100 that stay untrained, 400 that are trained at the
 * start of the fourth. Every period has exactly the tickets that are expected of it, in turn of the accounts.
 */
export function trainingScenario(effect: number, fromMs: number): readonly KpiEvent[] {
  const groups: readonly Group[] = [
    { name: 'n', accounts: 600, periods: 1 },
    { name: 'l', accounts: 100, periods: PERIODS },
    { name: 't', accounts: 400, periods: PERIODS, effect },
  ];
  return groups.flatMap((group) => [...lives(group, fromMs), ...tickets(group, fromMs)]);
}

function lives({ name, accounts, periods, effect }: Group, fromMs: number): readonly KpiEvent[] {
  return Array.from({ length: accounts }, (_, index) => `${name}${index}`).flatMap((id) => {
    const whose = { account_id: id, subscription_id: id };
    const started = event('billing.subscription_started', {
      ...whose,
      event_id: `started-${id}`,
      occurred_at: fromMs,
    });
    const ended = event('billing.subscription_ended', {
      ...whose,
      event_id: `ended-${id}`,
      occurred_at: fromMs + periods * PERIOD_MS,
    });
    const trained = event('lms.course_completed', {
      event_id: `trained-${id}`,
      account_id: id,
      user_id: `user-${id}`,
      occurred_at: fromMs + TRAINED_FROM * PERIOD_MS,
    });
    return [
      started,
      ...(periods < PERIODS ? [ended] : []),
      ...(effect === undefined ? [] : [trained]),
    ];
  });
}

function tickets(
  { name, accounts, periods, effect = 1 }: Group,
  fromMs: number,
): readonly KpiEvent[] {
  const asked: KpiEvent[] = [];
  for (let period = 0; period < periods; period += 1) {
    const rate = (RATES[period] ?? LATER) * (period < TRAINED_FROM ? 1 : effect);
    const count = Math.round(accounts * rate);
    for (let place = 0; place < count; place += 1) {
      const id = `${name}-${asked.length}`;
      asked.push(
        event('support.ticket_created', {
          event_id: id,
          ticket_id: id,
          account_id: `${name}${asked.length % accounts}`,
          occurred_at: fromMs + period * PERIOD_MS + days(1) + place * 1_000,
        }),
      );
    }
  }
  return asked;
}
