import { type AccountState, pieceAt } from './account.ts';
import { type Definitions } from './definitions.ts';
import { type Fact, type FactOf, isKind } from './fact.ts';
import { type Known, knowledge } from './known.ts';
import { type Span } from './span.ts';

/** A movement of sales; refunds and lost disputes are negative. */
export interface Sale extends Known {
  readonly at: number;
  readonly amountMinor: number;
  readonly currency: string;
  readonly plan: string;
  /** What was bought: none by a reversal. */
  readonly purchases: number;
}

/**
 * Movements of one invoice: its last known payment, and each refund and lost dispute at its own time or, where definitions say so, at
 * that of the payment it takes back, from when on it is known. That is the last one before it; without any it is dated when it is made.
 */
export function sales(
  facts: readonly Fact[],
  account: AccountState,
  { refundAttribution }: Pick<Definitions, 'refundAttribution'>,
): readonly Sale[] {
  const paid = facts.filter((fact) => isKind(fact, 'invoice'));
  const payments = knowledge(paid).flatMap(({ known, facts: seen }) => {
    const last = seen.at(-1);
    return last === undefined ? [] : [sale(last, 1, { at: last.at, known, account })];
  });
  const reversals = facts.flatMap((fact, index) => {
    if (fact.kind !== 'refund' && fact.kind !== 'dispute') return [];
    const before = refundAttribution === 'original' ? facts.slice(0, index) : [];
    const at = before.findLast((one) => isKind(one, 'invoice'))?.at ?? fact.at;
    return [sale(fact, -1, { at, known: { from: fact.at + 1, to: Infinity }, account })];
  });
  return [...payments, ...reversals];
}

function sale(
  fact: FactOf<'invoice' | 'refund' | 'dispute'>,
  sign: 1 | -1,
  { at, known, account }: { at: number; known: Span; account: AccountState },
): Sale {
  const { amountMinor, currency } = fact;
  return {
    known,
    at,
    amountMinor: sign * amountMinor,
    currency,
    plan: pieceAt(account, at).plan,
    purchases: isKind(fact, 'invoice') ? fact.purchases : 0,
  };
}
