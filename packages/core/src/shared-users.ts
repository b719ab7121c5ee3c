import { homesFact } from './activity.ts';
import { ENTITY, entityName, entityParts, isEntity } from './entity.ts';
import { type Fact, isKind, isOwn } from './fact.ts';
import {
  type FactSource,
  Home,
  type PlacedFact,
  RETRACTIONS,
  retractionsReaching,
} from './home.ts';
import { type HomeKey, directoryKey, homeKey, parseHomeKey, userOfHome } from './home-key.ts';
import { dispatchesOfAccounts, mergersToTell } from './merged-accounts.ts';
import { dispatchesOfTickets } from './moved-tickets.ts';
import {
  chainIn,
  dispatchesOfUserMerger,
  homesIn,
  kinIn,
  mergersAround,
  passedOn,
} from './merged-users.ts';
import { userPlace } from './merging.ts';
import { dispatchesOfReferrals } from './referral-news.ts';
import { repliesToOutdated } from './outdated-mergers.ts';
import { dispatchesOfUnplaced } from './unplaced-users.ts';
import { withdrawn } from './withdrawn.ts';

/**
 * Runs of a course and answers to surveys are a user's, and a user can have several homes: that of a prospect, and every account
 * that their events name. All homes of such a user hold all facts of these entities, each with the account it is of, so each
 * home knows by itself which of the units are its own (DESIGN 4, entities that change home).
 *
 * Three kinds of dispatches bring that about. A home that first hears of such an entity tells the directory of users that it
 * has one of the user's; a directory that knows of two homes tells each of them of the others; and homes that share a user send
 * each other what they know of the user, at once and whenever it changes. All of it is merged like any fact: in any order, and
 * as often as it comes.
 */
export interface Dispatch {
  /** Key of the home that is to take the facts in. */
  readonly to: string;
  readonly facts: readonly PlacedFact[];
}

/** Facts that were merged into a home. */
export interface Taken {
  readonly owner: HomeKey;
  readonly home: Home;
  /** Entities whose effective facts may differ from before. */
  readonly touched: ReadonlySet<string>;
  readonly before: FactSource;
}

/** What other homes must be told, now that a home has taken facts in. Empty for nearly every change. */
export function dispatchesOf(taken: Taken): readonly Dispatch[] {
  const dispatches: Dispatch[] = [
    ...dispatchesOfAccounts(taken),
    ...dispatchesOfReferrals(taken),
    ...dispatchesOfUnplaced(taken),
    ...dispatchesOfTickets(taken),
    ...ownSighting(taken),
  ];
  for (const entity of taken.touched) {
    if (isEntity(entity, ENTITY.userMerger)) {
      dispatches.push(...dispatchesOfUserMerger(taken, entity), ...exchangeAnew(taken, entity));
    } else if (isEntity(entity, ENTITY.seen)) dispatches.push(...introductions(taken, entity));
    else if (isEntity(entity, ENTITY.shared)) dispatches.push(...exchange(taken, entity));
    else if (isEntity(entity, ENTITY.own)) dispatches.push(...sightings(taken, entity));
    else {
      const user = userOf(entity, taken.owner);
      if (user !== undefined) dispatches.push(...news(taken, entity, user));
    }
  }
  return dispatches;
}

/** Let homes that were filled one by one tell each other what they know, each in its order, until nobody has news. */
export function settle(homes: Map<string, Home>): void {
  let told: readonly Dispatch[] = [...homes].flatMap(([key, home]) =>
    dispatchesOf({
      owner: parseHomeKey(key),
      home,
      touched: new Set(home.entities()),
      before: EMPTY,
    }),
  );
  while (told.length > 0) told = told.flatMap((one) => deliver(homes, one));
}

/** What the home says to what it is told. */
function deliver(homes: Map<string, Home>, { to, facts }: Dispatch): readonly Dispatch[] {
  const home = homes.get(to) ?? new Home();
  homes.set(to, home);
  const owner = parseHomeKey(to);
  const { touched, before } = home.mergeAll(facts);
  return [
    ...repliesToOutdated(facts, { home, owner }),
    ...dispatchesOf({ owner, home, touched, before }),
  ];
}

const EMPTY: FactSource = new Home();

/** The user whose run or answers an entity is; undefined of other entities, and of an account that answers for itself. */
function userOf(entity: string, { subject }: HomeKey): string | undefined {
  const place = userPlace(entity);
  const user = place === undefined ? undefined : entityParts(entity)[place];
  return user === subject ? undefined : user;
}

/** A directory has found one more home of a user. */
function introductions(taken: Taken, entity: string): readonly Dispatch[] {
  const { owner, home } = taken;
  const homes = homesIn(home, entity);
  const [, user = ''] = entityParts(entity);
  const mergers = mergersToTell(home, mergersAround(home, user), owner);
  if (homes.length < 2 && mergers.length === 0) return [];
  const facts = [homesFact(entityName(ENTITY.shared, user), homes), ...mergers];
  return [
    ...homes.map((subject) => ({ to: homeKey(owner.tenantId, subject), facts })),
    ...passedOn(taken, user),
  ];
}

/** There are other homes of a user: they are told all that this one knows of its own of the user, and of who was merged into the user. */
function exchange(taken: Taken, entityOfUser: string): readonly Dispatch[] {
  const { home, owner } = taken;
  const [, user = ''] = entityParts(entityOfUser);
  const facts = [...home.entities()]
    .filter((entity) => {
      const one = userOf(entity, owner);
      return one !== undefined && chainIn(home, one).includes(user);
    })
    .flatMap((entity) => ownFacts(taken, entity));
  return toOthers(taken, [user], facts);
}

/** Users turned out to be one, or not to be: what is known of them is for the homes of all of them. */
function exchangeAnew(taken: Taken, merger: string): readonly Dispatch[] {
  const [, merged = ''] = entityParts(merger);
  return kinIn(taken.home, merged).flatMap((user) => exchange(taken, shared(user)));
}

/** An entity of a user has changed. */
function news(taken: Taken, entity: string, user: string): readonly Dispatch[] {
  const { owner, home, before } = taken;
  const isNew = home.facts(entity).some(isOwn) && !before.facts(entity).some(isOwn);
  const chain = chainIn(home, user).filter((one) => homesIn(home, shared(one)).length > 0);
  const seenFirst =
    isNew && userOfHome(owner.subject) === undefined ? [sightingOf(owner, user)] : [];
  if (chain.length === 0) return seenFirst;
  const facts = [
    ...forgottenFacts(taken, entity),
    ...ownFacts(taken, entity),
    ...replacedRetractions(taken, entity),
  ];
  return [...seenFirst, ...toOthers(taken, chain, facts)];
}

/** Users of events that KPIs of one's own count: the home must hear whom they are merged into. */
function sightings({ owner, home, before }: Taken, entity: string): readonly Dispatch[] {
  const known = new Set(usersIn(before, entity));
  return [...new Set(usersIn(home, entity))]
    .filter((user) => !known.has(user))
    .map((user) => sightingOf(owner, user));
}

function usersIn(home: FactSource, entity: string): readonly string[] {
  return home
    .facts(entity)
    .flatMap((fact) => (isKind(fact, 'event') && fact.user !== '' ? [fact.user] : []));
}

/** The home of a user, whatever it knows of the user: accounts that the user belongs to are told of it. */
function ownSighting({ owner, home, before, touched }: Taken): readonly Dispatch[] {
  const user = userOfHome(owner.subject);
  if (user === undefined || !holdsOwn(home, touched) || holdsOwn(before, before.entities()))
    return [];
  return [sightingOf(owner, user)];
}

function holdsOwn(source: FactSource, entities: Iterable<string>): boolean {
  for (const entity of entities) if (source.facts(entity).some(isOwn)) return true;
  return false;
}

function sightingOf({ tenantId, subject }: HomeKey, user: string): Dispatch {
  return {
    to: directoryKey(tenantId, user),
    facts: [homesFact(entityName(ENTITY.seen, user), [subject])],
  };
}

function toOthers(
  { owner, home }: Taken,
  users: readonly string[],
  facts: readonly PlacedFact[],
): readonly Dispatch[] {
  if (facts.length === 0) return [];
  const homes = new Set(users.flatMap((user) => homesIn(home, shared(user))));
  return [...homes]
    .filter((subject) => subject !== owner.subject)
    .map((subject) => ({ to: homeKey(owner.tenantId, subject), facts }));
}

function shared(user: string): string {
  return entityName(ENTITY.shared, user);
}

/**
 * What a home says itself of an entity: facts, and retractions of facts wherever they are from. A retraction of what it does not
 * know waits until another home tells of that.
 */
function ownFacts(taken: Taken, entity: string): readonly PlacedFact[] {
  const { owner, home } = taken;
  const facts = home.facts(entity);
  const own = facts.filter(isOwn).map((fact) => sent(owner, entity, fact));
  const taking = retractionsReaching(home, facts).filter(isOwn);
  return [...own, ...taking.map((fact) => sent(owner, RETRACTIONS, fact))];
}

/** What the retractions of an entity have become that by now take back something else, or nothing. */
function replacedRetractions(
  { owner, home, before }: Taken,
  entity: string,
): readonly PlacedFact[] {
  return retractionsReaching(before, before.facts(entity)).flatMap((fact) => {
    const now = home.placedOf(fact.key);
    if (now === undefined || now.fact === fact || !isOwn(now.fact)) return [];
    const isOfUsers = now.entity === RETRACTIONS || userOf(now.entity, owner) !== undefined;
    return isOfUsers ? [sent(owner, now.entity, now.fact)] : [];
  });
}

/** What a home once said of an entity, or of what it took back, and does not know any more. */
function forgottenFacts({ owner, home, before }: Taken, entity: string): readonly PlacedFact[] {
  return [entity, RETRACTIONS].flatMap((name) =>
    withdrawn(name, before, home)
      .filter(isOwn)
      .map((fact) => sent(owner, name, fact)),
  );
}

function sent({ hasAccount, subject }: HomeKey, entity: string, fact: Fact): PlacedFact {
  return { entity, fact: { ...fact, account: hasAccount ? subject : '' } };
}
