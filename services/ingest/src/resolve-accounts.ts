import { type EventOf, Fault, type KpiEvent, REQUESTER_FIELD } from '@kpi/core';
import { accountAt, type Identity, type MembershipChange, type Timelines } from '@kpi/redis';

/** Events whose account is settled, and what they say about memberships. */
export interface ResolvedEvents {
  /** In the order given; a Fault for a membership of a user who has too many. */
  readonly events: readonly (KpiEvent | Fault)[];
  /** To be recorded once the events are acknowledged. */
  readonly changes: readonly MembershipChange[];
}

/** Every look-up of a user reads them all. Nobody changes accounts that often; a program that is wrong does. */
const CHANGES_PER_USER_MAX = 1_000;

/**
 * Give every event that names only a user the account the user belonged to when it occurred (KPI_SPEC 7.1.5), by the
 * memberships known so far and those in the batch itself, wherever in the batch they stand. A user without a membership
 * stays without an account: a prospect. An update of who requested a ticket is told of which accounts the two users are, likewise.
 * All events are of one tenant. One look-up per batch, none when nothing needs it.
 */
export async function resolveAccounts(
  identity: Identity,
  tenantId: string,
  events: readonly KpiEvent[],
): Promise<ResolvedEvents> {
  const users = new Set(
    events.flatMap((event) => [...userToLookUp(event), ...requestersToLookUp(event)]),
  );
  if (users.size === 0) return { events, changes: [] };
  const known = await identity.timelines(tenantId, [...users]);
  const changes = events
    .flatMap((event) => membershipOf(event))
    .filter(({ userId }) => !isFull(known, userId));
  const fresh = Map.groupBy(changes, (change) => change.userId);
  const accountOf = (userId: string, at: number): string | null =>
    accountAt([...(known.get(userId) ?? []), ...(fresh.get(userId) ?? [])], at);
  const settle = (event: KpiEvent): KpiEvent | Fault => {
    const [userId] = userToLookUp(event);
    if (userId === undefined) return event;
    if (event.account_id !== null) return isFull(known, userId) ? tooMany() : event;
    return Object.assign({}, event, { account_id: accountOf(userId, event.occurred_at) });
  };
  const place = (event: KpiEvent): KpiEvent =>
    isRequestedAnew(event) ? { ...event, ...accountsOfRequesters(event, accountOf) } : event;
  return { changes, events: events.map((event) => settle(place(event))) };
}

type RequestedAnew = EventOf<'support.ticket_updated'> & { readonly field: typeof REQUESTER_FIELD };

/** Whether somebody else requested a ticket than was said before, and the event does not say of which accounts they are. */
function isRequestedAnew(event: KpiEvent): event is RequestedAnew {
  if (event.event_type !== 'support.ticket_updated' || event.field !== REQUESTER_FIELD)
    return false;
  return event.from_account_id === null && event.into_account_id === null;
}

/** The ticket is moved where that are two accounts, and the one before is known (KPI_SPEC 7.2). */
function accountsOfRequesters(
  { from, to, occurred_at: at }: RequestedAnew,
  accountOf: (userId: string, at: number) => string | null,
): Pick<RequestedAnew, 'from_account_id' | 'into_account_id'> {
  const before = from === null ? null : accountOf(from, at);
  const after = to === null ? null : accountOf(to, at);
  return before === null || before === after
    ? { from_account_id: null, into_account_id: null }
    : { from_account_id: before, into_account_id: after };
}

/**
 * The user whose timeline decides about the event: its account is unknown, or it adds to the timeline. A ticket is of the account of
 * who requested it, whoever wrote it down (KPI_SPEC 2.10).
 */
function userToLookUp(event: KpiEvent): readonly string[] {
  const requester = event.event_type === 'support.ticket_created' ? event.requester_user_id : null;
  const user = requester ?? event.user_id;
  if (user === null) return [];
  return event.account_id === null || isMembership(event) ? [user] : [];
}

function requestersToLookUp(event: KpiEvent): readonly string[] {
  return isRequestedAnew(event) ? [event.from, event.to].filter((user) => user !== null) : [];
}

function isFull(known: Timelines, userId: string): boolean {
  return (known.get(userId)?.length ?? 0) >= CHANGES_PER_USER_MAX;
}

function tooMany(): Fault {
  const detail = `has more than ${CHANGES_PER_USER_MAX} membership changes`;
  return new Fault('event_invalid', detail, { path: '/user_id' });
}

function isMembership(event: KpiEvent): boolean {
  return event.event_type === 'user.joined_account' || event.event_type === 'user.left_account';
}

/** What an event says about who belongs where; only explicit joins and leaves do. */
function membershipOf(event: KpiEvent): readonly MembershipChange[] {
  if (!isMembership(event) || event.user_id === null || event.account_id === null) return [];
  return [
    {
      userId: event.user_id,
      accountId: event.account_id,
      kind: event.event_type === 'user.joined_account' ? 'joined' : 'left',
      at: event.occurred_at,
      source: event.source,
      eventId: event.event_id,
      sourceVersion: event.source_version,
      retracts: event.retracts,
    },
  ];
}
