import { isCompressed } from './activity.ts';
import { type Fact, originOfFact, supersedes } from './fact.ts';
import { type FactSource, type Home } from './home.ts';

/**
 * Of the facts that an entity had, those that a home knows no more, or only in an earlier version: whoever was told of them shall not
 * know them, either.
 */
export function withdrawn(entity: string, before: FactSource, home: Home): readonly Fact[] {
  const former = before.facts(entity);
  if (former === home.facts(entity)) return [];
  const left = new Set(home.facts(entity));
  const isForgotten = (fact: Fact): boolean => {
    if (left.has(fact) || isCompressed(fact)) return false;
    const now = home.factOf(fact.key);
    return now === undefined || supersedes(fact, now);
  };
  return former.filter(isForgotten).map(withdrawalOf);
}

/** What takes exactly this version of a fact back. */
export function withdrawalOf(fact: Fact): Fact {
  return { ...originOfFact(fact), kind: 'withdrawn' };
}
