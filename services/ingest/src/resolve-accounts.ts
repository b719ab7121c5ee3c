import { type KpiEvent } from '@kpi/core';
import { accountAt, type Identity, type MembershipChange } from '@kpi/redis';

/** Events whose account is settled, and what they say about memberships. */
export interface ResolvedEvents {
  readonly events: readonly KpiEvent[];
  /** To be recorded once the events are acknowledged. */
  readonly changes: readonly MembershipChange[];
}

/**
 * Give every event that names only a user the account the user belonged to when it occurred (KPI_SPEC 7.1.5), by the
 * memberships known so far and those in the batch itself, wherever in the batch they stand. A user without a membership
 * stays without an account: a prospect. All events are of one tenant. One look-up per batch, none when nothing needs it.
 */
export async function resolveAccounts(
  identity: Identity,
  tenantId: string,
  events: readonly KpiEvent[],
): Promise<ResolvedEvents> {
  const changes = events.flatMap((event) => membershipOf(event));
  const users = new Set(events.flatMap((event) => lookedUp(event)));
  if (users.size === 0) return { events, changes };
  const known = await identity.timelines(tenantId, [...users]);
  const fresh = Map.groupBy(changes, (change) => change.userId);
  return {
    changes,
    events: events.map((event) => {
      const [userId] = lookedUp(event);
      if (userId === undefined) return event;
      const timeline = [...(known.get(userId) ?? []), ...(fresh.get(userId) ?? [])];
      return { ...event, account_id: accountAt(timeline, event.occurred_at) };
    }),
  };
}

function lookedUp(event: KpiEvent): readonly string[] {
  return event.account_id === null && event.user_id !== null ? [event.user_id] : [];
}

/** What an event says about who belongs where; only explicit joins and leaves do. */
function membershipOf(event: KpiEvent): readonly MembershipChange[] {
  const isJoin = event.event_type === 'user.joined_account';
  if (!isJoin && event.event_type !== 'user.left_account') return [];
  if (event.user_id === null || event.account_id === null) return [];
  return [
    {
      userId: event.user_id,
      accountId: event.account_id,
      kind: isJoin ? 'joined' : 'left',
      at: event.occurred_at,
      source: event.source,
      eventId: event.event_id,
      sourceVersion: event.source_version,
      retracts: event.retracts,
    },
  ];
}
