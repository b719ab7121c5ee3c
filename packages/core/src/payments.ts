import { ENTITY, isEntity } from './entity.ts';
import { type Fact, isKind } from './fact.ts';
import { type FactSource, effectiveFacts } from './home.ts';
import { type Span, contains, isEmpty } from './span.ts';

/** A payment of an invoice, as it was last stated. */
export interface Payment {
  /** From the payment until the next statement of its invoice. */
  readonly inForce: Span;
  /** When refunds had reached it; Infinity if they never did. */
  readonly refundedAt: number;
}

/** Payments above 0 within a stretch of an account's life, and the refunds of them within the same stretch. */
export function paymentsWithin(home: FactSource, stretch: Span): readonly Payment[] {
  const payments: Payment[] = [];
  for (const entity of home.entities()) {
    if (isEntity(entity, ENTITY.invoice))
      payments.push(...paymentsOf(effectiveFacts(home, entity), stretch));
  }
  return payments;
}

function paymentsOf(facts: readonly Fact[], stretch: Span): readonly Payment[] {
  const stated = facts.filter((fact) => isKind(fact, 'invoice'));
  const refunds = facts
    .filter((fact) => isKind(fact, 'refund'))
    .filter(({ at }) => contains(stretch, at));
  return stated.flatMap((payment, index) => {
    const inForce = { from: payment.at, to: stated[index + 1]?.at ?? Infinity };
    if (isEmpty(inForce) || !contains(stretch, payment.at) || payment.amountMinor <= 0) return [];
    return [{ inForce, refundedAt: reachedAt(refunds, payment.amountMinor) }];
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
