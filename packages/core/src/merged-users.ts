import { homesFact } from './activity.ts';
import { ENTITY, entityName, entityParts, isEntity } from './entity.ts';
import { isKind, isOwn } from './fact.ts';
import { type HomeKey, directoryKey, homeKey } from './home-key.ts';
import { type FactSource } from './home.ts';
import { mergersToTell, mergersWithdrawn, namedBy } from './merged-accounts.ts';
import { chainOf, parentIn, parentsIn } from './merging.ts';
import { type Dispatch, type Taken } from './shared-users.ts';

/**
 * What a directory of users, or a home, tells of the merge of a user. The directories of everybody whom it names learn of it from
 * the homes that it was said in, and tell the homes of these users; the homes of a user who was merged are also homes of whom the
 * user was merged into.
 */
export function dispatchesOfUserMerger(taken: Taken, merger: string): readonly Dispatch[] {
  const { owner, home, before } = taken;
  const { tenantId } = owner;
  const [, user = ''] = entityParts(merger);
  const named = [...new Set([...namedBy(home, merger), ...namedBy(before, merger)])];
  if (!isDirectory(owner)) {
    if (![...home.facts(merger), ...before.facts(merger)].some(isOwn)) return [];
    const facts = [...mergersWithdrawn(taken, [merger]), ...mergersToTell(home, [merger], owner)];
    return named.map((one) => ({ to: directoryKey(tenantId, one), facts }));
  }
  const facts = [
    ...mergersWithdrawn(taken, [merger]),
    ...mergersToTell(home, mergersAround(home, user), owner),
  ];
  const above = [...named, ...chainIn(home, user), ...chainIn(before, user)];
  const others = above.map((one) => directoryKey(tenantId, one));
  const kin = [...named, ...kinIn(home, user), ...kinIn(before, user)];
  const homes = kin.flatMap((one) => homesIn(home, seen(one)));
  return [
    ...[...new Set([...others, ...homes.map((one) => homeKey(tenantId, one))])].map((to) => ({
      to,
      facts,
    })),
    ...kinIn(home, user).flatMap((one) => passedOn(taken, one)),
  ];
}

/** Homes of a user who was merged, for the directory of whom the user was merged into. */
export function passedOn({ owner, home }: Taken, user: string): readonly Dispatch[] {
  const parent = parentIn(home, ENTITY.userMerger, user);
  const homes = homesIn(home, seen(user));
  if (parent === undefined || homes.length === 0) return [];
  return [{ to: directoryKey(owner.tenantId, parent), facts: [homesFact(seen(parent), homes)] }];
}

/** Mergers of all users who are one with a user, or were said to be. */
export function mergersAround(home: FactSource, user: string): readonly string[] {
  const kin = new Set(kinIn(home, user));
  return [...home.entities()].filter(
    (entity) =>
      isEntity(entity, ENTITY.userMerger) && namedBy(home, entity).some((one) => kin.has(one)),
  );
}

/** A user, whom the user was merged into, and all who were merged into one of them. */
export function kinIn(home: FactSource, user: string): readonly string[] {
  const parents = parentsIn(home, ENTITY.userMerger);
  if (parents.size === 0) return [user];
  const chain = chainOf(parents, user);
  const below = [...parents.keys()].filter((one) =>
    chainOf(parents, one).some((above) => chain.includes(above)),
  );
  return [...new Set([...chain, ...below])];
}

/** A user and whom the user was merged into, to the end. */
export function chainIn(home: FactSource, user: string): readonly string[] {
  const chain = [user];
  for (
    let next = parentIn(home, ENTITY.userMerger, user);
    next !== undefined && !chain.includes(next);
    next = parentIn(home, ENTITY.userMerger, next)
  )
    chain.push(next);
  return chain;
}

export function homesIn(home: FactSource, entity: string): readonly string[] {
  const [fact] = home.facts(entity);
  return fact !== undefined && isKind(fact, 'homes') ? fact.homes : [];
}

function seen(user: string): string {
  return entityName(ENTITY.seen, user);
}

/** Directories are no one's homes. */
function isDirectory({ subject }: HomeKey): boolean {
  return subject === '';
}
