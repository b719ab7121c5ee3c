import { type EventOf } from '@kpi/core';

import { type NaiveAccount } from './naive-account.ts';
import { lastOfEach, ofTypes } from './naive-events.ts';
import { isMove, isPlaced } from './naive-merges.ts';
import { type Moment, type Part } from './naive-parts.ts';

const NO_STRATUM = { trained: '(none)', tenure: '(none)', plan: '(none)' };

/** KPI_SPEC 2.10, 7.4, STATISTICS 1: tickets in [t - W, t) and the time accounts were active in it, by stratum. */
export function ticketsAt(moment: Moment): readonly Part[] {
  return [
    ...countedTickets(moment),
    ...[...moment.accounts.values()].flatMap((account) => personTime(account, moment)),
  ];
}

/**
 * Whose a ticket is at t (KPI_SPEC 7.2): who opened it, or whom it was moved to last. A move that begins with an account which has not
 * had it before is none, and a ticket that names no account is its user's.
 */
function holderOf(ticket: EventOf<'support.ticket_created'>, moment: Moment): string | null {
  if (isPlaced(ticket)) return ticket.account_id;
  const moves = ofTypes(moment.known, ['support.ticket_updated']).filter(
    (update) => nameOf(update) === nameOf(ticket) && isMove(update),
  );
  const holders = [ticket.account_id];
  for (const { from, to } of moves) if (holders.includes(from)) holders.push(to);
  return holders.at(-1) ?? null;
}

/** Ticket ids are unique per source. */
function nameOf(event: { source: string; ticket_id: string }): string {
  return JSON.stringify([event.source, event.ticket_id]);
}

function countedTickets(moment: Moment): readonly Part[] {
  const invalid = new Set(ofTypes(moment.timeless, ['support.ticket_invalidated']).map(nameOf));
  return lastOfEach(ofTypes(moment.known, ['support.ticket_created']), nameOf)
    .filter((event) => event.is_customer_initiated && event.is_support)
    .flatMap((event) => {
      const holder = holderOf(event, moment);
      // Taken from its account and given to none, it is no ticket of anybody.
      return holder === null && event.account_id !== null
        ? []
        : [Object.assign({}, event, { account_id: holder })];
    })
    .filter((event) => !invalid.has(nameOf(event)) && !moment.isInternal(event.account_id))
    .filter((event) => moment.t - moment.windowMs <= event.occurred_at)
    .map((event) => {
      if (event.account_id === null)
        return { component: 'unresolved_account', dimensions: NO_STRATUM, amount: 1 };
      const stratum = moment.accounts.get(event.account_id)?.stratum(event.occurred_at);
      return stratum === undefined
        ? { component: 'account_not_active', dimensions: NO_STRATUM, amount: 1 }
        : { component: 'tickets', dimensions: stratum, amount: 1 };
    });
}

/** Between two neighbouring instants at which anything may change, the stratum is that of the first. */
function personTime(account: NaiveAccount, moment: Moment): readonly Part[] {
  const { t, windowMs, definitions } = moment;
  const from = t - windowMs;
  const starts = account.instants.filter((at) => account.begins(at));
  const edges = starts.flatMap((at) => definitions.tenureEdgesMs.map((edge) => at + edge));
  const cuts = [from, t, account.trainedAt, ...account.instants, ...edges]
    .filter((at) => from <= at && at <= t)
    .toSorted((a, b) => a - b);
  return cuts.slice(1).flatMap((to, index) => {
    const begin = cuts[index] ?? to;
    const dimensions = begin < to ? account.stratum(begin) : undefined;
    if (dimensions === undefined) return [];
    const lived = Math.max(0, Math.min(to, moment.clipAt) - begin);
    return [
      { component: 'exposure_ms', dimensions, amount: lived },
      { component: 'accounts', dimensions, distinct: account.id },
    ];
  });
}
