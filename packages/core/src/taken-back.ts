import { type Fact, isKind } from './fact.ts';
import { type Home, type Merged, RETRACTIONS } from './home.ts';

/**
 * Whether a home may no longer hold the event of a key although something said it: it has no fact of its own there, or one that only
 * remembers its key, or is one of the few of its kind that are kept, or it takes something back itself.
 */
export function isOnlyInHistory(home: Home | undefined, key: string): boolean {
  const fact = home?.factOf(key);
  return fact === undefined || COMPRESSED.has(fact.kind);
}

const COMPRESSED: ReadonlySet<Fact['kind']> = new Set(['activity', 'retraction', 'void']);

/** Whether a retraction was replaced, by one of another event or by something else, whose target is only in history by now. */
export function releasesHistory(home: Home, { touched, before }: Merged): boolean {
  if (!touched.has(RETRACTIONS)) return false;
  const left = new Set(home.facts(RETRACTIONS));
  return before
    .facts(RETRACTIONS)
    .some(
      (fact) => !left.has(fact) && isReleased(home, fact) && isOnlyInHistory(home, fact.target),
    );
}

/** Whether a fact that a home no longer has took something back, and the one that it has in its place does not. */
function isReleased(home: Home, fact: Fact): fact is Fact & { readonly kind: 'retraction' } {
  if (!isKind(fact, 'retraction')) return false;
  const now = home.factOf(fact.key);
  return now === undefined || !isKind(now, 'retraction') || now.target !== fact.target;
}
