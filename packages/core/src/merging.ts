import { activityAt } from './activity.ts';
import {
  ENTITY,
  type EntityKind,
  PART,
  entityName,
  entityParts,
  isAny,
  isEntity,
} from './entity.ts';
import { type Fact, isKind } from './fact.ts';
import { type HomeKey, userOfHome } from './home-key.ts';
import { type FactSource, Home, type PlacedFact, RETRACTIONS, effectiveFacts } from './home.ts';
import { type MembershipChange, membershipsOf } from './membership.ts';
import {
  NO_STAYS,
  type Stays,
  accountAt,
  bearsOnPlacing,
  isPlacing,
  isUnplaced,
} from './placement.ts';
import { isSame } from './same.ts';

/**
 * Accounts that were merged are one for all of history, and so are users (KPI_SPEC 1.1, 7.1.1). One was merged into whom its last
 * merge names; where the chain of merges ends is its root. A circle of merges says nothing: each on it is its own root.
 *
 * The root of accounts counts everything of them, the others count nothing; what they know is kept apart in the home of the root, by
 * the account that it is of, because a merge may be taken back (merged-accounts.ts). Facts of users stay where they are, and are
 * counted as their root's (shared-users.ts).
 */
export interface Merging {
  /** Whether the account counts, and not another one that it was merged into. */
  readonly isRoot: boolean;
  /** Accounts that it counts beside its own. */
  readonly members: ReadonlySet<string>;
  /** Roots of all accounts that were merged, as far as the home knows. */
  readonly roots: ReadonlyMap<string, string>;
  /** Roots of the users that were merged. */
  readonly users: ReadonlyMap<string, string>;
  /** Where users belonged, by root; empty where the home holds nothing that names no account. */
  readonly stays: Stays;
}

/** What a home counts, all of it its own. */
export interface MergedHome {
  readonly merging: Merging;
  /** Empty of an account that was merged into another one. */
  readonly home: Home;
}

type MergerKind = typeof ENTITY.merger | typeof ENTITY.userMerger;

/** Entities that say who is who, and are not counted. */
export const OF_MERGING: readonly EntityKind[] = [
  ENTITY.seen,
  ENTITY.shared,
  ENTITY.merger,
  ENTITY.userMerger,
  ENTITY.gone,
];
/** Whose latest answer counts. */
const RESPONDENTS: readonly EntityKind[] = [
  ENTITY.csatRespondent,
  ENTITY.npsRespondent,
  ENTITY.cesRespondent,
];

/** Whether a home counts something else than what it holds as it is: of others that were merged, or that belonged to it. */
export function isMergingHome(home: FactSource): boolean {
  return isAny(home.entities(), isOfMerging) || isPlacing(home);
}

/** Whether {@link isMergingHome} may answer otherwise than before. */
export function bearsOnMerging(entities: Iterable<string>): boolean {
  return isAny(entities, (entity) => isOfMerging(entity) || bearsOnPlacing(entity));
}

function isOfMerging(entity: string): boolean {
  return isMerger(entity) || isEntity(entity, ENTITY.copy);
}

/** Whether an entity holds the merges of an account or of a user. */
export function isMerger(entity: string): boolean {
  return isEntity(entity, ENTITY.merger) || isEntity(entity, ENTITY.userMerger);
}

/** Of the copy of an entity of a merged account that entity; any other is its own. */
export function originalOf(entity: string): string {
  return isEntity(entity, ENTITY.copy) ? entityParts(entity).slice(2).join(PART) : entity;
}

/** Who was merged into whom, as far as a home knows. */
export function parentsIn(home: FactSource, kind: MergerKind): ReadonlyMap<string, string> {
  const parents = new Map<string, string>();
  for (const entity of home.entities()) {
    if (!isEntity(entity, kind)) continue;
    const [, id = ''] = entityParts(entity);
    const parent = parentIn(home, kind, id);
    if (parent !== undefined) parents.set(id, parent);
  }
  return parents;
}

/** Whom one was merged into; undefined if nobody. */
export function parentIn(home: FactSource, kind: MergerKind, id: string): string | undefined {
  const last = effectiveFacts(home, entityName(kind, id)).at(-1);
  return last !== undefined && isKind(last, 'merger') ? last.into : undefined;
}

/** One and all it was merged into, to the end of the chain or, on a circle, once around. */
export function chainOf(parents: ReadonlyMap<string, string>, id: string): readonly string[] {
  const chain = new Set([id]);
  for (let next = parents.get(id); next !== undefined && !chain.has(next); next = parents.get(next))
    chain.add(next);
  return [...chain];
}

/** Where the chain ends; on a circle, where it enters the circle. */
function rootOf(parents: ReadonlyMap<string, string>, id: string): string {
  const end = chainOf(parents, id).at(-1) ?? id;
  return parents.get(end) ?? end;
}

/** How an account stands to others and its users to one another, as far as its home knows. */
export function mergingOf(home: FactSource, { subject, hasAccount }: HomeKey): Merging {
  const parents = parentsIn(home, ENTITY.merger);
  const accounts = hasAccount ? parents : NOBODY;
  const users = parentsIn(home, ENTITY.userMerger);
  const roots = new Map(
    [...accounts.keys()].map((account) => [account, rootOf(accounts, account)]),
  );
  const members = [...roots].flatMap(([account, root]) =>
    account !== subject && root === subject ? [account] : [],
  );
  const merging = {
    isRoot: rootOf(accounts, subject) === subject,
    members: new Set(members),
    roots,
    users: new Map([...users.keys()].map((user) => [user, rootOf(users, user)])),
    stays: NO_STAYS,
  };
  if (!isPlacing(home)) return merging;
  return { ...merging, stays: staysIn(home, merging, { subject, hasAccount, parents }) };
}

/** Where the users of a home belonged, as far as it knows: to which accounts at the end of their merges. */
function staysIn(
  home: FactSource,
  merging: Merging,
  owner: Pick<HomeKey, 'subject' | 'hasAccount'> & {
    readonly parents: ReadonlyMap<string, string>;
  },
): Stays {
  const { subject, parents } = owner;
  const changes = new Map<string, MembershipChange[]>();
  for (const entity of home.entities()) {
    const original = originalOf(entity);
    if (!isEntity(original, ENTITY.membership)) continue;
    const [, user = ''] = entityParts(ofRoot(original, merging, subject));
    const known = changes.get(user) ?? [];
    changes.set(user, known);
    for (const fact of effectiveFacts(home, entity)) {
      const placed = inMerging({ entity, fact }, merging, owner)?.fact;
      if (placed === undefined || !isKind(placed, 'membership')) continue;
      const { account = subject, step, at, key, eventId } = placed;
      known.push({ account: rootOf(parents, account), kind: step, at, key, eventId });
    }
  }
  return new Map([...changes].map(([user, all]) => [user, membershipsOf(all)]));
}

const NOBODY: ReadonlyMap<string, string> = new Map();

export function isSameMerging(a: Merging, b: Merging): boolean {
  return (
    a.isRoot === b.isRoot &&
    isSameMap(a.roots, b.roots) &&
    isSameMap(a.users, b.users) &&
    isSame(a.stays, b.stays)
  );
}

function isSameMap(a: ReadonlyMap<string, string>, b: ReadonlyMap<string, string>): boolean {
  return a.size === b.size && [...a].every(([id, root]) => b.get(id) === root);
}

/** What a home counts that knows of merges. */
export function mergedHome(source: FactSource, owner: HomeKey): MergedHome {
  const merging = mergingOf(source, owner);
  const home = new Home();
  if (!merging.isRoot) return { merging, home };
  for (const entity of source.entities()) {
    const facts = source.facts(entity).map((fact) => ({ entity, fact }));
    home.mergeAll(counted(facts, merging, owner));
  }
  return { merging, home };
}

/** Facts of a home as it counts them: those of the accounts merged into it are its own, those of a user are the root's. */
export function counted(
  facts: readonly PlacedFact[],
  merging: Merging,
  owner: HomeKey,
): readonly PlacedFact[] {
  if (!merging.isRoot) return [];
  return facts.flatMap((placed) => inMerging(placed, merging, owner) ?? []);
}

/** What an account that is no member any more knew of a user, or of a ticket, stays known of it. */
function inMerging(
  { entity, fact }: PlacedFact,
  merging: Merging,
  { subject, hasAccount }: Pick<HomeKey, 'subject' | 'hasAccount'>,
): PlacedFact | undefined {
  if (OF_MERGING.some((kind) => isEntity(entity, kind))) return undefined;
  if (!isEntity(entity, ENTITY.copy)) {
    const placed = {
      entity: ofRoot(entity, merging, subject),
      fact: owned(fact, merging, subject),
    };
    return placedAs(placed, fact, { merging, subject, hasAccount });
  }
  const [, account = '', ...rest] = entityParts(entity);
  const copied = rest.join(PART);
  const user = userOfHome(account);
  if (user !== undefined) {
    const told = { entity: copied, fact: { ...owned(fact, merging, subject), account: '' } };
    return atStay(told, merging.users.get(user) ?? user, { merging, subject });
  }
  const isMember = merging.members.has(account);
  if (!isMember && !isShared(copied)) return undefined;
  const placed = {
    entity: ofRoot(copied, merging, subject),
    fact: owned(isMember ? fact : { account, ...fact }, merging, subject),
  };
  return placedAs(placed, fact, { merging, subject, hasAccount });
}

/** A fact that counts as another home's, or not at all, where it names no account; `fact` is as the home holds it. */
function placedAs(
  placed: PlacedFact,
  fact: Fact,
  at: { readonly merging: Merging; readonly subject: string; readonly hasAccount: boolean },
): PlacedFact | undefined {
  if (!isUnplaced(fact, at.hasAccount)) return placed;
  const user = userNamed(placed.entity, at.merging, at.subject);
  return user === undefined ? placed : atStay(placed, user, at);
}

/** Whose fact one is that names no account; undefined of one that is nobody's, or where it is does not matter. */
function userNamed(entity: string, { users }: Merging, subject: string): string | undefined {
  const place = userPlace(entity);
  if (place !== undefined) return entityParts(entity)[place];
  const user = entity === RETRACTIONS ? undefined : userOfHome(subject);
  return user === undefined ? undefined : (users.get(user) ?? user);
}

/**
 * A fact that names no account, as of the account to which its user belonged. Of runs, answers and tickets every home keeps all,
 * because one fact of them replaces another; of all else only what is its own.
 */
function atStay(
  { entity, fact }: PlacedFact,
  user: string,
  { merging, subject }: { readonly merging: Merging; readonly subject: string },
): PlacedFact | undefined {
  if (isKind(fact, 'instants')) {
    const isHere = (at: number): boolean => accountAt(merging.stays, user, at) === subject;
    return activityAt(entity, fact.instants.filter(isHere));
  }
  const account = accountAt(merging.stays, user, fact.at) ?? fact.account;
  if (account === undefined) return { entity, fact };
  if (account === subject) {
    const { account: _account, ...own } = fact;
    if (isKind(own, 'ticket')) return { entity, fact: { ...own, isPlaced: true } };
    // In the user's own home nobody is named.
    return { entity, fact: isKind(own, 'event') ? { ...own, user } : own };
  }
  return isShared(entity) ? { entity, fact: { ...fact, account } } : undefined;
}

/** Whether several homes hold all facts of an entity, each with the account it is of: a user's, or a ticket that may have been moved. */
function isShared(entity: string): boolean {
  return userPlace(entity) !== undefined || isEntity(entity, ENTITY.ticket);
}

/** A run or the answers of a user are those of the root; the answers of an account, too. */
function ofRoot(entity: string, { users, members }: Merging, subject: string): string {
  const place = userPlace(entity);
  if (place === undefined) return entity;
  const parts = entityParts(entity);
  const user = parts[place] ?? '';
  const root = users.get(user) ?? (members.has(user) ? subject : user);
  return root === user ? entity : parts.with(place, root).join(PART);
}

/** Which part of an entity's name is its user; undefined of an entity of no user. */
export function userPlace(entity: string): number | undefined {
  if (isEntity(entity, ENTITY.courseRun) || isEntity(entity, ENTITY.membership)) return 1;
  return RESPONDENTS.some((kind) => isEntity(entity, kind)) ? 2 : undefined;
}

/** Members are the account itself: a fact of theirs is its own, and who invited one of them invited itself. */
function owned(fact: Fact, { members, users, roots }: Merging, subject: string): Fact {
  if (isKind(fact, 'event')) return { ...fact, user: users.get(fact.user) ?? fact.user };
  const isMember = (account: string): boolean => account === subject || members.has(account);
  const stated =
    isKind(fact, 'referral') && fact.referred !== null && isMember(fact.referred)
      ? { ...fact, isSelf: true }
      : ofRoots(fact, roots);
  if (stated.account === undefined || !isMember(stated.account)) return stated;
  const { account: _account, ...own } = stated;
  return own;
}

/** Between whom a ticket was moved, and who opened it, is told by the names that they had then. */
function ofRoots(fact: Fact, roots: Merging['roots']): Fact {
  if (roots.size === 0) return fact;
  const rooted = (account: string): string => roots.get(account) ?? account;
  if (isKind(fact, 'attribution')) return { ...fact, from: rooted(fact.from), to: rooted(fact.to) };
  return isKind(fact, 'ticket') && fact.account !== undefined
    ? { ...fact, account: rooted(fact.account) }
    : fact;
}
