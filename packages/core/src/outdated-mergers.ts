import { ENTITY, entityParts, isEntity } from './entity.ts';
import { type FactOf, isKind, supersedes } from './fact.ts';
import { type HomeKey, directoryKey, homeKey } from './home-key.ts';
import { type Home, type PlacedFact } from './home.ts';
import { mergersToTell } from './merged-accounts.ts';
import { isMerger } from './merging.ts';
import { withdrawalsOfOutdated } from './referral-news.ts';
import { type Dispatch } from './shared-users.ts';

/**
 * A merge that was corrected names others than before, and those who were named have no record of the correction. Whoever is told
 * what is outdated tells them what holds. A referral that was corrected may have been told to whom it named before, too.
 */
export function repliesToOutdated(
  said: readonly PlacedFact[],
  { home, owner }: { readonly home: Home; readonly owner: HomeKey },
): readonly Dispatch[] {
  // Nearly no change tells of a merge, or refers somebody.
  let replies: Dispatch[] | undefined;
  for (const { entity, fact } of said) {
    if (isKind(fact, 'referral')) {
      const withdrawals = withdrawalsOfOutdated({ entity, fact }, { home, owner });
      if (withdrawals.length > 0) replies = [...(replies ?? []), ...withdrawals];
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
