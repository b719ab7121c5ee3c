import { ENTITY, entityName, entityParts, isAny, isEntity } from './entity.ts';
import { isOwn } from './fact.ts';
import { homeKey, userOfHome } from './home-key.ts';
import { type FactSource, type PlacedFact, RETRACTIONS } from './home.ts';
import { mergersToTell, mergersWithdrawn } from './merged-accounts.ts';
import { homesIn, kinIn } from './merged-users.ts';
import { OF_MERGING, userPlace } from './merging.ts';
import { type Dispatch, type Taken } from './shared-users.ts';
import { withdrawn } from './withdrawn.ts';

/**
 * What the home of a user tells the accounts to which the user belongs, or once was said to belong: all that names no account, but
 * for runs and answers, which all homes of a user know anyway (shared-users.ts). Each account takes what is its own (placement.ts).
 */
export function dispatchesOfUnplaced(taken: Taken): readonly Dispatch[] {
  const { owner, home, before, touched } = taken;
  const user = userOfHome(owner.subject);
  if (user === undefined) return mergersForMembers(taken);
  const accounts = accountsOf(home, user);
  const former = accountsOf(before, user);
  return [...accounts].flatMap((account) => {
    const entities = former.has(account) ? touched : home.entities();
    const facts = [...entities].flatMap((entity) => told(taken, entity));
    return facts.length === 0 ? [] : [{ to: homeKey(owner.tenantId, account), facts }];
  });
}

/** Whoever leaves what an account was merged into leaves the account: the homes of its members hear of its merges. */
function mergersForMembers(taken: Taken): readonly Dispatch[] {
  const { owner, home, touched } = taken;
  if (!owner.hasAccount || !isAny(touched, bearsOnMembers)) return NONE;
  const changed = [...touched].filter((entity) => isEntity(entity, ENTITY.merger));
  const anew = new Set([...touched].flatMap((entity) => memberOf(entity) ?? []));
  const mergers = [...home.entities()].filter((entity) => isEntity(entity, ENTITY.merger));
  if (mergers.length === 0 && changed.length === 0) return NONE;
  const all = mergersToTell(home, mergers, owner);
  const news = [...mergersWithdrawn(taken, changed), ...mergersToTell(home, changed, owner)];
  return [...home.entities()].flatMap((entity) => {
    if (!isEntity(entity, ENTITY.membership)) return [];
    const kin = kinIn(home, memberOf(entity) ?? '');
    const facts = kin.some((one) => anew.has(one)) ? [...news, ...all] : news;
    if (facts.length === 0) return [];
    return [...new Set(kin.flatMap((one) => homesIn(home, entityName(ENTITY.shared, one))))]
      .filter((subject) => userOfHome(subject) !== undefined)
      .map((subject) => ({ to: homeKey(owner.tenantId, subject), facts }));
  });
}

/** Asked of every change of an account. */
function bearsOnMembers(entity: string): boolean {
  return isEntity(entity, ENTITY.merger) || memberOf(entity) !== undefined;
}

/** The user of a membership, or one of whose homes is told; undefined of any other entity. */
function memberOf(entity: string): string | undefined {
  const isOfMember = isEntity(entity, ENTITY.membership) || isEntity(entity, ENTITY.shared);
  return isOfMember ? entityParts(entity)[1] : undefined;
}

const NONE: readonly Dispatch[] = [];

/** Accounts that memberships of a user name, in force or not. */
function accountsOf(source: FactSource, user: string): ReadonlySet<string> {
  const accounts = new Set<string>();
  for (const one of kinIn(source, user))
    for (const { account = '' } of source.facts(entityName(ENTITY.membership, one)))
      if (account !== '') accounts.add(account);
  return accounts;
}

function told({ owner, home, before }: Taken, entity: string): readonly PlacedFact[] {
  const name = copyOf(entity, owner.subject);
  if (name === undefined) return [];
  const facts = [...withdrawn(entity, before, home), ...home.facts(entity)].filter(isOwn);
  return facts.map((fact) =>
    entity === RETRACTIONS ? { entity, fact: { ...fact, account: '' } } : { entity: name, fact },
  );
}

/** Name of what is told of an entity; undefined of one of which nothing is told. */
function copyOf(entity: string, subject: string): string | undefined {
  if (entity === RETRACTIONS) return entity;
  const isOfUsers = userPlace(entity) !== undefined || isEntity(entity, ENTITY.copy);
  const isHidden = isOfUsers || OF_MERGING.some((kind) => isEntity(entity, kind));
  return isHidden ? undefined : entityName(ENTITY.copy, subject, ...entityParts(entity));
}
