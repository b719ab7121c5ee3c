import { type MembershipChange as Change, PART, membershipsOf } from '@kpi/core';

/** One statement about who belongs where: a `user.joined_account` or `user.left_account` event, reduced to what a look-up needs. */
export interface MembershipChange {
  readonly userId: string;
  readonly accountId: string;
  readonly kind: 'joined' | 'left';
  /** `occurred_at`, ms. */
  readonly at: number;
  readonly source: string;
  readonly eventId: string;
  readonly sourceVersion: number;
  /** Event id, of the same source, that this one takes back; the rest of it then does not count. */
  readonly retracts: string | null;
}

/** A retraction can be retracted, and so on; deeper chains mean nothing. The same bound as that of the facts in core. */
const RETRACTION_DEPTH_MAX = 4;

/**
 * The account a user belongs to at `at`, or null for a prospect. Only explicit joins and leaves count: an event that
 * happens to name both a user and an account says nothing of membership, or the answer would depend on which events
 * have been seen so far. The answer depends on the set of changes, not on their order, except that of two payloads of one
 * event key with one `source_version` the later in the list holds.
 */
export function accountAt(changes: readonly MembershipChange[], at: number): string | null {
  const membership = membershipsOf(effectiveChanges(changes)).findLast(({ from }) => from <= at);
  return membership !== undefined && at < membership.to ? membership.account : null;
}

/** Without superseded payloads and retracted changes. */
function effectiveChanges(changes: readonly MembershipChange[]): readonly Change[] {
  const latest = new Map<string, MembershipChange>();
  for (const change of changes) {
    const key = keyOf(change.source, change.eventId);
    const held = latest.get(key);
    if (held === undefined || change.sourceVersion >= held.sourceVersion) latest.set(key, change);
  }
  const retractions = [...latest.values()].filter((change) => change.retracts !== null);
  return [...latest.values()]
    .filter((change) => change.retracts === null && !isRetracted(change, retractions, 1))
    .map(({ accountId: account, kind, at, source, eventId }) => ({
      account,
      kind,
      at,
      eventId,
      key: keyOf(source, eventId),
    }));
}

function isRetracted(
  change: MembershipChange,
  retractions: readonly MembershipChange[],
  depth: number,
): boolean {
  if (depth > RETRACTION_DEPTH_MAX) return false;
  return retractions.some(
    (one) =>
      one.source === change.source &&
      one.retracts === change.eventId &&
      !isRetracted(one, retractions, depth + 1),
  );
}

function keyOf(source: string, eventId: string): string {
  return `${source}${PART}${eventId}`;
}
