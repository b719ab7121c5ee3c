import { ENTITY, entityName, entityParts, isEntity } from './entity.ts';
import { isOwn } from './fact.ts';
import { homeKey, userOfHome } from './home-key.ts';
import { type FactSource, type PlacedFact, RETRACTIONS } from './home.ts';
import { kinIn } from './merged-users.ts';
import { OF_MERGING, userPlace } from './merging.ts';
import { type Dispatch, type Taken } from './shared-users.ts';
import { withdrawalOf, withdrawn } from './withdrawn.ts';

/**
 * What the home of a user tells the accounts to which the user belongs, or once was said to belong: all that names no account, but
 * for runs and answers, which all homes of a user know anyway (shared-users.ts). Each account takes what is its own (placement.ts).
 */
export function dispatchesOfUnplaced(taken: Taken): readonly Dispatch[] {
  const { owner, home, before, touched } = taken;
  const user = userOfHome(owner.subject);
  if (user === undefined) return NONE;
  const accounts = accountsOf(home, user);
  const former = accountsOf(before, user);
  const news = [...accounts].map((account) => {
    const entities = former.has(account) ? touched : home.entities();
    return { to: account, facts: [...entities].flatMap((entity) => told(taken, entity)) };
  });
  const left = [...former]
    .filter((account) => !accounts.has(account))
    .map((account) => ({ to: account, facts: takenBack(taken) }));
  return [...news, ...left]
    .filter(({ facts }) => facts.length > 0)
    .map(({ to, facts }) => ({ to: homeKey(owner.tenantId, to), facts }));
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

/** Of an account that is named no more: it would not hear what is forgotten later. */
function takenBack({ owner, before }: Taken): readonly PlacedFact[] {
  return [...before.entities()].flatMap((entity) => {
    const name = copyOf(entity, owner.subject);
    if (name === undefined || entity === RETRACTIONS) return [];
    return before
      .facts(entity)
      .filter(isOwn)
      .map((fact) => ({ entity: name, fact: withdrawalOf(fact) }));
  });
}

/** Name of what is told of an entity; undefined of one of which nothing is told. */
function copyOf(entity: string, subject: string): string | undefined {
  if (entity === RETRACTIONS) return entity;
  const isOfUsers = userPlace(entity) !== undefined || isEntity(entity, ENTITY.copy);
  const isHidden = isOfUsers || OF_MERGING.some((kind) => isEntity(entity, kind));
  return isHidden ? undefined : entityName(ENTITY.copy, subject, ...entityParts(entity));
}
