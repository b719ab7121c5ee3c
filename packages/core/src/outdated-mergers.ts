import { ENTITY, entityParts, isEntity } from './entity.ts';
import { type FactOf, isKind, isOwn, supersedes } from './fact.ts';
import { type HomeKey, directoryKey, homeKey } from './home-key.ts';
import { type Home, type PlacedFact, RETRACTIONS } from './home.ts';
import { mergersToTell, namedBy } from './merged-accounts.ts';
import { isMerger } from './merging.ts';
import { correctionsOfMove } from './moved-tickets.ts';
import { withdrawalsOfOutdated } from './referral-news.ts';
import { type Dispatch } from './shared-users.ts';
import { withdrawalOf } from './withdrawn.ts';

/**
 * A merge that was corrected names others than before, and those who were named have no record of the correction. Whoever is told
 * what is outdated tells them what holds. A referral that was corrected may have been told to whom it named before, too, and so may
 * the move of a ticket.
 */
export function repliesToOutdated(
  said: readonly PlacedFact[],
  { home, owner }: { readonly home: Home; readonly owner: HomeKey },
): readonly Dispatch[] {
  // Nearly no change tells of a merge, or refers somebody.
  let replies = repliesToGone(said, { home, owner });
  for (const { entity, fact } of said) {
    if (isKind(fact, 'referral')) {
      const withdrawals = withdrawalsOfOutdated({ entity, fact }, { home, owner });
      if (withdrawals.length > 0) (replies ??= []).push(...withdrawals);
    }
    if (isKind(fact, 'attribution')) {
      const corrections = correctionsOfMove(fact, { home, owner });
      if (corrections.length > 0) (replies ??= []).push(...corrections);
    }
    if (!isKind(fact, 'merger')) continue;
    const holder = holderOf(home, { entity, fact });
    if (holder === undefined) continue;
    const facts = mergersToTell(home, [holder], owner);
    replies ??= [];
    for (const to of addressees(entity, fact, owner)) replies.push({ to, facts });
  }
  return replies ?? NONE;
}

/**
 * Whoever says what was withdrawn has not heard of that. Facts do not tell who says them: everybody knows who is named by the merges
 * that are said together, or known here.
 */
function repliesToGone(
  said: readonly PlacedFact[],
  { home, owner }: { readonly home: Home; readonly owner: HomeKey },
): Dispatch[] | undefined {
  if (home.facts(ENTITY.gone).length === 0) return undefined;
  const isSaidAgain = ({ entity, fact }: PlacedFact): boolean =>
    (isKind(fact, 'merger') || entity === RETRACTIONS) && !isOwn(fact) && home.isGone(fact);
  const gone = said.filter(isSaidAgain);
  if (gone.length === 0) return undefined;
  const facts = gone.map(({ entity, fact }) => ({ entity, fact: withdrawalOf(fact) }));
  const keyOf = (merger: string, named: string): string =>
    isEntity(merger, ENTITY.merger)
      ? homeKey(owner.tenantId, named)
      : directoryKey(owner.tenantId, named);
  const sayers = said.flatMap(({ entity, fact }) =>
    isKind(fact, 'merger')
      ? [
          ...addressees(entity, fact, owner),
          ...namedBy(home, entity).map((named) => keyOf(entity, named)),
        ]
      : [],
  );
  const own = homeKey(owner.tenantId, owner.subject);
  return [...new Set(sayers)].filter((to) => to !== own).map((to) => ({ to, facts }));
}

const NONE: readonly Dispatch[] = [];

/** The entity that has another merge of the same event, by which this one is outdated. */
function holderOf(home: Home, { entity, fact }: PlacedFact & { readonly fact: FactOf<'merger'> }) {
  for (const other of home.entities()) {
    if (!isMerger(other)) continue;
    const held = home.facts(other).find(({ key }) => key === fact.key);
    if (held === undefined) continue;
    const isOther =
      other !== entity || held.at !== fact.at || !isKind(held, 'merger') || held.into !== fact.into;
    return isOther && supersedes(held, fact) ? other : undefined;
  }
  return undefined;
}

/** Homes of accounts, or directories of users and the home that said it. */
function addressees(
  entity: string,
  { into, account }: FactOf<'merger'>,
  { tenantId, subject }: HomeKey,
): readonly string[] {
  const [, from = ''] = entityParts(entity);
  if (isEntity(entity, ENTITY.merger))
    return [from, into].filter((one) => one !== subject).map((one) => homeKey(tenantId, one));
  const directories = [from, into].map((one) => directoryKey(tenantId, one));
  return account === undefined || account === ''
    ? directories
    : [...directories, homeKey(tenantId, account)];
}
