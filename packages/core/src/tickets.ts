import { type Fact, type FactOf, byOccurrence, isKind } from './fact.ts';
import { type Known, joined, knowledge } from './known.ts';

export interface Ticket extends Known {
  readonly at: number;
}

/**
 * The ticket as known at each as-of time; none when it was invalidated, which is timeless. It is that of the account which opened it
 * or, where it was moved by then, of the one that it was moved to last (KPI_SPEC 7.2). A ticket that names no account is its user's.
 */
export function tickets(facts: readonly Fact[], account: string): readonly Ticket[] {
  if (facts.some((fact) => isKind(fact, 'invalidation'))) return [];
  const moves = facts.filter((fact) => isKind(fact, 'attribution'));
  const created = facts.filter((fact) => isKind(fact, 'ticket'));
  const lives = knowledge(moves.length === 0 ? created : inOrder(created, moves));
  const units = lives.flatMap(({ known, facts: seen }) => {
    const last = seen.findLast((fact) => isKind(fact, 'ticket'));
    if (last?.isCounted !== true) return [];
    return holderOf(last, seen, account) === account ? [{ known, at: last.at }] : [];
  });
  return joined(units);
}

function inOrder(...all: readonly (readonly Fact[])[]): readonly Fact[] {
  return all.flat().toSorted(byOccurrence);
}

/** Whose a ticket is, by what is seen, in order; a move that begins with an account which has not had it moves nothing. */
function holderOf(created: FactOf<'ticket'>, seen: readonly Fact[], account: string): string {
  let holder = created.account ?? account;
  if (created.isPlaced === true) return holder;
  const had = new Set([holder]);
  for (const fact of seen) {
    if (!isKind(fact, 'attribution') || !had.has(fact.from)) continue;
    holder = fact.to;
    had.add(holder);
  }
  return holder;
}
