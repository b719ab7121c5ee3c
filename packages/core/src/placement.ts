import { ENTITY, entityParts, isEntity } from './entity.ts';
import { type Fact, isKind, isOwn } from './fact.ts';
import { type FactSource } from './home.ts';
import { userOfHome } from './home-key.ts';
import { type Membership } from './membership.ts';

/**
 * What names a user and no account is of the account to which the user belonged when it happened, whenever that becomes known
 * (KPI_SPEC 7.1.5). Ingest names the account where it knows it; what it did not know lies in the home of the user, who tells all
 * of it to every account that the user ever belonged to (unplaced-users.ts). Who counts it is decided by each home for itself, from
 * the user's memberships, which all homes of a user know.
 */
export type Stays = ReadonlyMap<string, readonly Membership[]>;

export const NO_STAYS: Stays = new Map();

/** Whether a home may hold facts of users that name no account, and knows of memberships. */
export function isPlacing(home: FactSource): boolean {
  let hasMembership = false;
  let hasUnplaced = false;
  for (const entity of home.entities()) {
    hasMembership ||= isOfMembership(entity);
    hasUnplaced ||=
      mayBeUnplaced(entity) && home.facts(entity).some((fact) => tellsUnplaced(entity, fact));
    if (hasMembership && hasUnplaced) return true;
  }
  return false;
}

/** Whether {@link isPlacing} may answer otherwise than before. */
export function bearsOnPlacing(entity: string): boolean {
  return isOfMembership(entity) || mayBeUnplaced(entity);
}

/** Of the home's own account, or of one that was merged into it. */
function isOfMembership(entity: string): boolean {
  if (isEntity(entity, ENTITY.membership)) return true;
  return isEntity(entity, ENTITY.copy) && entityParts(entity)[2] === ENTITY.membership;
}

function mayBeUnplaced(entity: string): boolean {
  return isEntity(entity, ENTITY.shared) || isEntity(entity, ENTITY.copy);
}

/** Whether one of the homes of a user is the user's own, or that home told it. */
function tellsUnplaced(entity: string, fact: Fact): boolean {
  if (isKind(fact, 'homes')) return fact.homes.some((subject) => userOfHome(subject) !== undefined);
  const [, subject = ''] = entityParts(entity);
  return fact.account === '' || userOfHome(subject) !== undefined;
}

/** The account to which a user belonged at an instant; undefined if to none. */
export function accountAt(stays: Stays, user: string, at: number): string | undefined {
  return stays.get(user)?.find(({ from, to }) => from <= at && at < to)?.account;
}

/** Whether a fact is of a user's own home, and so names no account. */
export function isUnplaced(fact: Fact, hasAccount: boolean): boolean {
  return fact.account === '' || (isOwn(fact) && !hasAccount);
}
