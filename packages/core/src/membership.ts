import { compareText } from './fact.ts';
import { type Span } from './span.ts';

/** A user joins an account, or leaves it. */
export interface MembershipChange<Account = string> {
  readonly account: Account;
  readonly kind: 'joined' | 'left';
  /** `occurred_at`, ms. */
  readonly at: number;
  /** Key of the event within its tenant. */
  readonly key: string;
  readonly eventId: string;
}

/** A stretch in which a user belongs to an account, events at its first instant included. */
export interface Membership<Account = string> extends Span {
  readonly account: Account;
}

/**
 * Where a user belongs when, ascending and disjoint. A join holds until the next one, or until the same account is left; to leave
 * another account changes nothing. At one instant leaves come before joins, then ids of events decide. The answer depends on the
 * set of changes, not on their order.
 */
export function membershipsOf<Account>(
  changes: readonly MembershipChange<Account>[],
): readonly Membership<Account>[] {
  const memberships: Membership<Account>[] = [];
  let current: { readonly account: Account; readonly from: number } | undefined;
  const end = (to: number): void => {
    if (current !== undefined && current.from < to) memberships.push({ ...current, to });
    current = undefined;
  };
  for (const { kind, account, at } of changes.toSorted(byTime)) {
    const isHere = current !== undefined && current.account === account;
    if (isHere === (kind === 'joined')) continue;
    end(at);
    if (kind === 'joined') current = { account, from: at };
  }
  end(Infinity);
  return memberships;
}

function byTime(a: MembershipChange<unknown>, b: MembershipChange<unknown>): number {
  if (a.at !== b.at) return a.at - b.at;
  if (a.kind !== b.kind) return a.kind === 'left' ? -1 : 1;
  return compareText(a.eventId, b.eventId) || compareText(a.key, b.key);
}
