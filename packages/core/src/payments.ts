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

/** Facts of each invoice of a home, in order of occurrence. */
export function invoicesOf(home: FactSource): readonly (readonly Fact[])[] {
  const invoices: (readonly Fact[])[] = [];
  for (const entity of home.entities())
    if (isEntity(entity, ENTITY.invoice)) invoices.push(effectiveFacts(home, entity));
  return invoices;
}

/** Payments above 0 within a stretch of an account's life, and the refunds of them within the same stretch. */
export function paymentsWithin(
  invoices: readonly (readonly Fact[])[],
  stretch: Span,
): readonly Payment[] {
  return invoices.flatMap((facts) => paymentsOf(facts, stretch));
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
