import { type AccountState, lastStated, pieceAt } from './account.ts';
import { type Definitions } from './definitions.ts';
import { ENTITY, isEntity } from './entity.ts';
import { type Fact, isKind } from './fact.ts';
import { type FactSource, effectiveFacts } from './home.ts';
import { NO_VALUE } from './kpi.ts';
import { type Span, contains, isEmpty, subtract, union } from './span.ts';

/** An account that became a customer. */
export interface Newcomer {
  /** Beginning of its first active time. */
  readonly customerSince: number;
  readonly plan: string;
  readonly channel: string;
  /** Stretches of time in which it had got back all that it paid at its beginning: it is no customer won. */
  readonly refunded: readonly Span[];
}

/** Undefined for an account that never paid. */
export function newcomerOf(
  home: FactSource,
  state: AccountState,
  { acquisition }: Definitions,
): Newcomer | undefined {
  const customerSince = state.active[0]?.from;
  if (customerSince === undefined) return undefined;
  const start = { from: customerSince, to: customerSince + acquisition.refundGraceMs };
  return {
    customerSince,
    plan: pieceAt(state, customerSince).plan,
    channel: channelOf(home, customerSince),
    refunded: refundedSpans(home, start),
  };
}

/** The channel of the account, else of the first lead or opportunity before it became a customer. */
function channelOf(home: FactSource, customerSince: number): string {
  const stated = lastStated(effectiveFacts(home, ENTITY.account), ({ channel }) => channel);
  if (stated !== null) return stated;
  const [lead] = effectiveFacts(home, ENTITY.lead).filter((fact) => isKind(fact, 'lead'));
  return lead === undefined || lead.at > customerSince ? NO_VALUE : lead.channel;
}

/** When everything that was paid within a stretch was also paid back within it. */
function refundedSpans(home: FactSource, start: Span): readonly Span[] {
  const inForce: Span[] = [];
  const unrefunded: Span[] = [];
  for (const entity of home.entities()) {
    if (!isEntity(entity, ENTITY.invoice)) continue;
    for (const { paid, refundedAt } of paymentsOf(effectiveFacts(home, entity), start)) {
      inForce.push(paid);
      unrefunded.push({ from: paid.from, to: Math.min(paid.to, refundedAt) });
    }
  }
  const missing = union(unrefunded);
  return union(inForce).flatMap((span) => subtract(span, missing));
}

/** Payments of one invoice within a stretch, each until the next statement of it, and when refunds within it had reached it. */
function paymentsOf(
  facts: readonly Fact[],
  start: Span,
): readonly { readonly paid: Span; readonly refundedAt: number }[] {
  const payments = facts.filter((fact) => isKind(fact, 'invoice'));
  const refunds = facts
    .filter((fact) => isKind(fact, 'refund'))
    .filter(({ at }) => contains(start, at));
  return payments.flatMap((payment, index) => {
    const paid = { from: payment.at, to: payments[index + 1]?.at ?? Infinity };
    if (isEmpty(paid) || !contains(start, payment.at) || payment.amountMinor <= 0) return [];
    return [{ paid, refundedAt: reachedAt(refunds, payment.amountMinor) }];
  });
}

/** When amounts, in order, have added up to a sum; Infinity if they never do. */
function reachedAt(
  amounts: readonly { readonly at: number; readonly amountMinor: number }[],
  sum: number,
): number {
  let total = 0;
  for (const { at, amountMinor } of amounts) {
    total += amountMinor;
    if (total >= sum) return at;
  }
  return Infinity;
}
