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
import { type HomeKey, directoryKey, homeKey, parseHomeKey } from './home-key.ts';

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
  readonly touched: Iterable<string>;
  readonly before: FactSource;
}

/** What other homes must be told, now that a home has taken facts in. Empty for nearly every change. */
export function dispatchesOf(taken: Taken): readonly Dispatch[] {
  const dispatches: Dispatch[] = [];
  for (const entity of taken.touched) {
    if (isEntity(entity, ENTITY.seen)) dispatches.push(...introductions(taken, entity));
    else if (isEntity(entity, ENTITY.shared)) dispatches.push(...exchange(taken, entity));
    else {
      const user = userOf(entity, taken.owner);
      if (user !== undefined) dispatches.push(...news(taken, entity, user));
    }
  }
  return dispatches;
}

/** Let homes that were filled one by one tell each other what they know of their users, until nobody has news. */
export function settle(homes: Map<string, Home>): void {
  const told = [...homes].flatMap(([key, home]) =>
    dispatchesOf({
      owner: parseHomeKey(key),
      home,
      touched: home.entities(),
      before: EMPTY,
    }),
  );
  for (let next = told.pop(); next !== undefined; next = told.pop()) {
    const home = homes.get(next.to) ?? new Home();
    homes.set(next.to, home);
    const { touched, before } = home.mergeAll(next.facts);
    told.push(...dispatchesOf({ owner: parseHomeKey(next.to), home, touched, before }));
  }
}

const EMPTY: FactSource = new Home();

/** The user whose run or answers an entity is; undefined of other entities, and of an account that answers for itself. */
function userOf(entity: string, { subject }: HomeKey): string | undefined {
  const user = isEntity(entity, ENTITY.courseRun)
    ? entityParts(entity)[1]
    : RESPONDENTS.some((kind) => isEntity(entity, kind))
      ? entityParts(entity)[2]
      : undefined;
  return user === subject ? undefined : user;
}

const RESPONDENTS = [ENTITY.csatRespondent, ENTITY.npsRespondent, ENTITY.cesRespondent] as const;

/** A directory has found one more home of a user. */
function introductions({ owner, home }: Taken, entity: string): readonly Dispatch[] {
  const homes = homesIn(home, entity);
  if (homes.length < 2) return [];
  const [, user = ''] = entityParts(entity);
  const facts = [homesFact(entityName(ENTITY.shared, user), homes)];
  return homes.map((subject) => ({ to: homeKey(owner.tenantId, subject), facts }));
}

/** There are other homes of a user: they are told all that this one knows of its own. */
function exchange(taken: Taken, shared: string): readonly Dispatch[] {
  const { home, owner } = taken;
  const [, user = ''] = entityParts(shared);
  const facts = [...home.entities()]
    .filter((entity) => userOf(entity, owner) === user)
    .flatMap((entity) => ownFacts(taken, entity));
  return toOthers(taken, shared, facts);
}

/** An entity of a user has changed. */
function news(taken: Taken, entity: string, user: string): readonly Dispatch[] {
  const { owner, home, before } = taken;
  const isNew = home.facts(entity).some(isOwn) && !before.facts(entity).some(isOwn);
  const sighting = {
    to: directoryKey(owner.tenantId, user),
    facts: [homesFact(entityName(ENTITY.seen, user), [owner.subject])],
  };
  const shared = entityName(ENTITY.shared, user);
  const others =
    home.facts(shared).length === 0 ? [] : toOthers(taken, shared, ownFacts(taken, entity));
  return isNew ? [sighting, ...others] : others;
}

function toOthers(
  { owner, home }: Taken,
  shared: string,
  facts: readonly PlacedFact[],
): readonly Dispatch[] {
  if (facts.length === 0) return [];
  return homesIn(home, shared)
    .filter((subject) => subject !== owner.subject)
    .map((subject) => ({ to: homeKey(owner.tenantId, subject), facts }));
}

function homesIn(home: FactSource, entity: string): readonly string[] {
  const [fact] = home.facts(entity);
  return fact !== undefined && isKind(fact, 'homes') ? fact.homes : [];
}

/**
 * What a home says itself of an entity: facts, and retractions of facts wherever they are from. A retraction of what it does not
 * know waits until another home tells of that.
 */
function ownFacts({ owner, home }: Taken, entity: string): readonly PlacedFact[] {
  const facts = home.facts(entity);
  const own = facts.filter(isOwn).map((fact) => sent(owner, entity, fact));
  const taking = retractionsReaching(home, facts).filter(isOwn);
  return [...own, ...taking.map((fact) => sent(owner, RETRACTIONS, fact))];
}

function sent({ hasAccount, subject }: HomeKey, entity: string, fact: Fact): PlacedFact {
  return { entity, fact: { ...fact, account: hasAccount ? subject : '' } };
}
