import { type EventOf, type KpiEvent } from '@kpi/core';

import { ofTypes } from './naive-events.ts';

interface Merge {
  readonly from: string;
  readonly into: string;
}

/**
 * Events as if accounts and users that were merged had always been one (KPI_SPEC 1.1), and as if it had always been known to which
 * account a user belonged (7.1.5).
 */
export function asOneKnew(events: readonly KpiEvent[]): readonly KpiEvent[] {
  return asPlaced(asMerged(events));
}

/** What names a user and no account is of the account that the user had joined last, and not left, when it happened. */
function asPlaced(events: readonly KpiEvent[]): readonly KpiEvent[] {
  const changes = ofTypes(events, ['user.joined_account', 'user.left_account']);
  const accountOf = (user: string, at: number): string | null => {
    const known = changes.filter((one) => one.user_id === user && one.occurred_at <= at);
    // At one instant whoever leaves has left before anybody joins.
    const isJoin = ({ event_type: type }: KpiEvent): number =>
      type === 'user.joined_account' ? 1 : 0;
    const inTurn = known.toSorted((a, b) => a.occurred_at - b.occurred_at || isJoin(a) - isJoin(b));
    return inTurn.reduce<string | null>((account, change) => {
      if (isJoin(change) === 1) return change.account_id;
      return change.account_id === account ? null : account;
    }, null);
  };
  return events.map((event) => {
    if (event.account_id !== null || event.user_id === null) return event;
    const placed = Object.assign({}, event, {
      account_id: accountOf(event.user_id, event.occurred_at),
    });
    PLACED.add(placed);
    return placed;
  });
}

const PLACED = new WeakSet<KpiEvent>();

/** Whether an event names no account: if it has one, it is that of its user. */
export function isPlaced(event: KpiEvent): boolean {
  return PLACED.has(event);
}

const ACCOUNT_FIELDS: ReadonlySet<string> = new Set(['account_id', 'organization_id']);

/** Whether an update moves a ticket from an account to another one, or to nobody; both may have been merged since. */
export function isMove({ field }: EventOf<'support.ticket_updated'>): boolean {
  return ACCOUNT_FIELDS.has(field);
}

/**
 * Whose a ticket was is the account of the update where it does not say; of users it is told of which accounts they are. One of which
 * nobody knows whose it was is about no such field.
 */
function stated(update: EventOf<'support.ticket_updated'>): EventOf<'support.ticket_updated'> {
  const { from_account_id, into_account_id, ...rest } = update;
  const none = { from_account_id: null, into_account_id: null };
  if (update.field === 'requester_user_id') {
    const field = from_account_id === null ? 'nothing' : 'account_id';
    return { ...rest, ...none, field, from: from_account_id, to: into_account_id };
  }
  const other = update.account_id === update.to ? null : update.account_id;
  const from = update.from ?? other;
  return { ...rest, ...none, from, field: from === null ? 'nothing' : update.field };
}

function asMerged(events: readonly KpiEvent[]): readonly KpiEvent[] {
  const account = endsOf(
    ofTypes(events, ['account.merged']).map((merge) => ({
      from: merge.from_account_id,
      into: merge.into_account_id,
    })),
  );
  const user = endsOf(
    ofTypes(events, ['user.merged']).map((merge) => ({
      from: merge.from_user_id,
      into: merge.into_user_id,
    })),
  );
  return events.map((event) => {
    const renamed = Object.assign({}, event, {
      account_id: account(event.account_id),
      user_id: user(event.user_id),
    });
    if (renamed.event_type === 'referral.sent')
      return { ...renamed, referred_account_id: account(renamed.referred_account_id) };
    if (event.event_type !== 'support.ticket_updated') return renamed;
    const { from, to, ...said } = stated(event);
    const { account_id, user_id } = renamed;
    return { ...said, account_id, user_id, from: account(from), to: account(to) };
  });
}

/**
 * Who is at the end of the chain of merges that begins with one. Of several merges of one the last one counts; those on a circle stay
 * what they are.
 */
function endsOf(merges: readonly Merge[]): (id: string | null) => string | null {
  const next = (id: string): string | undefined => merges.findLast(({ from }) => from === id)?.into;
  const isOnCircle = (id: string): boolean => {
    let current = next(id);
    for (let step = 0; step < merges.length && current !== undefined; step += 1) {
      if (current === id) return true;
      current = next(current);
    }
    return false;
  };
  const end = (id: string): string => {
    const into = next(id);
    return into === undefined || isOnCircle(id) ? id : end(into);
  };
  return (id) => (id === null ? null : end(id));
}
