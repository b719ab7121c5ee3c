import { HOUR_MS } from './duration.ts';
import { ENTITY, PART, entityName, entityParts, isEntity } from './entity.ts';
import { type Fact, type FactOrigin, isKind } from './fact.ts';
import { type FactSource, type PlacedFact } from './home.ts';
import { isSame } from './same.ts';

/**
 * Activity is kept compressed: an entity's only fact says which hours were active, or when something was first done
 * (KPI_SPEC 7.1.9). It is no event's, so no event can replace or retract it: the home is read again from history, which gives it a
 * new version. An account that holds a copy of it thereby knows what no longer holds.
 */
const NO_EVENT: Omit<FactOrigin, 'at'> = {
  key: PART,
  eventId: '',
  sourceVersion: 0,
  receivedAt: 0,
  offset: 0,
};

/** A value event, which counts as the start of its UTC hour. */
export function activeHour(at: number): PlacedFact {
  return activeHours([Math.floor(at / HOUR_MS)]);
}

/** UTC hours with a value event, counted from 1970, ascending. */
export function activeHours(hours: readonly number[]): PlacedFact {
  return { entity: ENTITY.activity, fact: { ...NO_EVENT, at: 0, kind: 'hours', hours } };
}

/** A key action that was done. */
export function keyAction(action: string, at: number): PlacedFact {
  return { entity: entityName(ENTITY.action, action), fact: { ...NO_EVENT, at, kind: 'action' } };
}

/** Value events or a key action of a user without an account: the instants at which it was done. */
export function instantsFact(entity: string, instants: readonly number[]): PlacedFact {
  return { entity, fact: { ...NO_EVENT, at: 0, kind: 'instants', instants } };
}

/** What an account did, of the instants at which one of its users did it. */
export function activityAt(entity: string, instants: readonly number[]): PlacedFact | undefined {
  const [first] = instants;
  if (first === undefined) return undefined;
  if (entity !== ENTITY.activity)
    return { entity, fact: { ...NO_EVENT, at: first, kind: 'action' } };
  return activeHours([...new Set(instants.map((at) => Math.floor(at / HOUR_MS)))]);
}

/** Homes of a user. */
export function homesFact(entity: string, homes: readonly string[]): PlacedFact {
  return { entity, fact: { ...NO_EVENT, at: 0, kind: 'homes', homes: homes.toSorted() } };
}

/** Whether the facts of an entity are compressed into one. */
export function isCompressed(fact: Fact): boolean {
  return COMPRESSED.has(fact.kind);
}

const COMPRESSED: ReadonlySet<Fact['kind']> = new Set(['hours', 'action', 'instants', 'homes']);

/** The compressed fact of an entity, now that there is more. The held one itself when nothing is new. */
export function compressed(entity: string, held: Fact | undefined, more: Fact): Fact {
  if (held === undefined) return more;
  if (isEntity(entity, ENTITY.copy) && held.sourceVersion !== more.sourceVersion)
    return held.sourceVersion > more.sourceVersion ? held : more;
  return union(held, more);
}

/** One fact of two: the union of their hours, the earlier of two times. */
function union(held: Fact, more: Fact): Fact {
  if (isKind(held, 'hours') && isKind(more, 'hours')) {
    const hours = withMore(held.hours, more.hours);
    return hours === held.hours ? held : { ...held, hours };
  }
  if (isKind(held, 'instants') && isKind(more, 'instants')) {
    const instants = withMore(held.instants, more.instants);
    return instants === held.instants ? held : { ...held, instants };
  }
  if (isKind(held, 'homes') && isKind(more, 'homes')) {
    const homes = new Set([...held.homes, ...more.homes]);
    return homes.size === held.homes.length ? held : { ...held, homes: [...homes].toSorted() };
  }
  return more.at < held.at ? { ...held, at: more.at } : held;
}

/**
 * Activity as a home holds it after it was read again, in a version that is higher than any before: of the entities that say
 * something else than they did. Those that say nothing any more say so.
 */
export function activityAnew(
  before: FactSource,
  after: FactSource,
  version: number,
): readonly PlacedFact[] {
  const names = [...new Set([...before.entities(), ...after.entities()])].filter(isActivity);
  return names.flatMap((entity) => {
    const [was] = before.facts(entity);
    const is = after.facts(entity)[0] ?? nothing(was);
    if (is === undefined) return [];
    const isAsBefore =
      was !== undefined && isSame({ ...is, sourceVersion: was.sourceVersion }, was);
    return [{ entity, fact: isAsBefore ? was : { ...is, sourceVersion: version } }];
  });
}

/** Whether activity is in another version than before. */
export function isReplaced([before]: readonly Fact[], [after]: readonly Fact[]): boolean {
  if (before === undefined || after === undefined || !isCompressed(after)) return false;
  return before.sourceVersion !== after.sourceVersion;
}

function isActivity(entity: string): boolean {
  return entity === ENTITY.activity || isEntity(entity, ENTITY.action);
}

function nothing(was: Fact | undefined): Fact | undefined {
  if (was === undefined) return undefined;
  if (isKind(was, 'hours')) return { ...was, hours: [] };
  return isKind(was, 'instants') ? { ...was, instants: [] } : { ...was, at: NEVER };
}

/** The last instant that a date can name. */
const NEVER = 8_640_000_000_000_000;

/** Two ascending lists as one. Most of what is new is the latest, or known: both are found from the end. */
function withMore(held: readonly number[], more: readonly number[]): readonly number[] {
  let all = held;
  for (const one of more) {
    let at = all.length;
    while (at > 0 && (all[at - 1] ?? 0) > one) at -= 1;
    if (all[at - 1] !== one) all = all.toSpliced(at, 0, one);
  }
  return all;
}

/** Starts of the hours with a value event, ms, ascending. */
export function activityOf(home: FactSource): readonly number[] {
  const [fact] = home.facts(ENTITY.activity);
  return fact !== undefined && isKind(fact, 'hours')
    ? fact.hours.map((hour) => hour * HOUR_MS)
    : [];
}

/** When each key action was first done, ms. */
export function firstActions(home: FactSource): ReadonlyMap<string, number> {
  const first = new Map<string, number>();
  for (const entity of home.entities()) {
    if (!isEntity(entity, ENTITY.action)) continue;
    const [fact] = home.facts(entity);
    const [, action = ''] = entityParts(entity);
    if (fact !== undefined && fact.at < NEVER) first.set(action, fact.at);
  }
  return first;
}
