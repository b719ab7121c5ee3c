import { ENTITY, entityName, entityParts, isAny, isEntity } from './entity.ts';
import { type Fact, type FactOf, isKind, isOwn, originOfFact, supersedes } from './fact.ts';
import { homeKey, userOfHome } from './home-key.ts';
import {
  type FactSource,
  type Home,
  type PlacedFact,
  RETRACTIONS,
  retractionsReaching,
} from './home.ts';
import { mergersToTell, mergersWithdrawn } from './merged-accounts.ts';
import { chainOf, originalOf, parentsIn } from './merging.ts';
import { type Dispatch, type Taken } from './shared-users.ts';
import { withdrawn } from './withdrawn.ts';

/**
 * A ticket that is moved to another account counts there from then on, and no longer where it was (KPI_SPEC 7.2). That it is moved is
 * published to both. Accounts that any move of the ticket names, as far as one of them knows, tell each other all that they
 * themselves know of the ticket and of their own merges, so each of them knows by itself when it is its own.
 */
export function dispatchesOfTickets(taken: Taken): readonly Dispatch[] {
  const { owner, home, before, touched } = taken;
  if (!owner.hasAccount || !isAny(touched, bearsOnTickets)) return NONE;
  const mergers = [...touched].filter((entity) => isEntity(entity, ENTITY.merger));
  const isAll = mergers.length > 0 && home.hasAttributions;
  const places = placesOfTickets(taken);
  const dispatches: Dispatch[] = [];
  for (const ticket of ticketsAmong(isAll ? home.entities() : touched)) {
    const entities = places.get(ticket) ?? [];
    const named = new Set(
      entities.flatMap((entity) => [...namedIn(home, entity), ...namedIn(before, entity)]),
    );
    if (named.size === 0) continue;
    const facts = [
      ...mergersWithdrawn(taken, mergers),
      ...mergersToTell(home, mergersOf(entities, taken), owner),
      ...entities.flatMap((entity) => toldOf(entity, ticket, taken)),
    ];
    for (const account of named) {
      const news = facts.filter(({ fact }) => !isKnownTo(account, fact));
      if (account !== owner.subject && news.length > 0)
        dispatches.push({ to: homeKey(owner.tenantId, account), facts: news });
    }
  }
  return dispatches;
}

/** Asked of every change of an account. */
function bearsOnTickets(entity: string): boolean {
  return (
    isEntity(entity, ENTITY.ticket) ||
    isEntity(entity, ENTITY.copy) ||
    isEntity(entity, ENTITY.merger)
  );
}

const NONE: readonly Dispatch[] = [];

/** Tickets of which some entities are, the home's own and those of accounts that were merged into it. */
function ticketsAmong(entities: Iterable<string>): ReadonlySet<string> {
  const tickets = new Set<string>();
  for (const entity of entities) {
    if (!isEntity(entity, ENTITY.ticket) && !isEntity(entity, ENTITY.copy)) continue;
    const original = originalOf(entity);
    if (isEntity(original, ENTITY.ticket)) tickets.add(original);
  }
  return tickets;
}

/** Where a home knows of tickets. What the home of a user told is not moved: it names no account. */
function placesOfTickets({ home, touched }: Taken): ReadonlyMap<string, readonly string[]> {
  const all = home.hasAttributions ? new Set([...touched, ...home.entities()]) : touched;
  const places = [...all].filter(
    (entity) =>
      isEntity(originalOf(entity), ENTITY.ticket) && userOfHome(copiedFrom(entity)) === undefined,
  );
  return Map.groupBy(places, originalOf);
}

/** Merges of those who count in a home what they know of a ticket: whoever hears of it must know by which names they go. */
function mergersOf(entities: readonly string[], { owner, home, before }: Taken): readonly string[] {
  const accounts = [owner.subject, ...entities.map(copiedFrom).filter((account) => account !== '')];
  const all = [home, before].flatMap((source) => {
    const parents = parentsIn(source, ENTITY.merger);
    return accounts.flatMap((account) => chainOf(parents, account));
  });
  return [...new Set(all)].map((account) => entityName(ENTITY.merger, account));
}

/** Account of which an entity is a copy; empty of one that is none. */
function copiedFrom(entity: string): string {
  return isEntity(entity, ENTITY.copy) ? (entityParts(entity)[1] ?? '') : '';
}

function namedIn(source: FactSource, entity: string): readonly string[] {
  return source
    .facts(entity)
    .flatMap((fact) => (isKind(fact, 'attribution') ? [fact.from, fact.to] : []))
    .filter((account) => account !== '');
}

/** A move is published to both accounts that it names. */
function isKnownTo(account: string, fact: Fact): boolean {
  if (fact.account === account) return true;
  return isKind(fact, 'attribution') && (fact.from === account || fact.to === account);
}

/** What a home knows of a ticket by itself, what takes that back, what of it has become something else, and what it knows no more. */
function toldOf(entity: string, ticket: string, taken: Taken): readonly PlacedFact[] {
  const { owner, home, before } = taken;
  const account = copiedFrom(entity) || owner.subject;
  const told = (name: string, fact: Fact): PlacedFact => ({
    entity: name,
    fact: { account, ...fact },
  });
  const facts = home.facts(entity);
  const forgotten = [entity, RETRACTIONS].flatMap((name) =>
    withdrawn(name, before, home)
      .filter(isOwn)
      .map((fact) => told(name === entity ? ticket : name, fact)),
  );
  const former = [
    ...before.facts(entity).filter(isOwn),
    ...retractionsReaching(before, before.facts(entity)),
  ];
  const changed = former.flatMap((fact) => changedIn(home, { fact, entity, ticket }));
  return [
    ...forgotten,
    ...facts.filter(isOwn).map((fact) => told(ticket, fact)),
    ...retractionsReaching(home, facts).map((fact) => told(RETRACTIONS, fact)),
    ...changed.map((placed) => told(placed.entity, placed.fact)),
  ];
}

/** What an event of a ticket, or one that took it back, says by now, where that is about something else. */
function changedIn(
  home: Home,
  { fact, entity, ticket }: PlacedFact & { readonly ticket: string },
): readonly PlacedFact[] {
  const now = home.placedOf(fact.key);
  const isSame = now === undefined || now.fact === fact || now.entity === entity;
  return isSame ? [] : [asOfTickets(now, ticket)];
}

/** Accounts that an outdated move names, and that may have no record of what holds instead, are told that. */
export function correctionsOfMove(
  { key, from, to, ...outdated }: FactOf<'attribution'>,
  { owner, home }: Pick<Taken, 'owner' | 'home'>,
): readonly Dispatch[] {
  const now = home.placedOf(key);
  if (now === undefined || !supersedes(now.fact, { key, ...outdated })) return [];
  const { entity, fact } = asOfTickets(now, originalOf(now.entity));
  const facts = [{ entity, fact: { account: owner.subject, ...fact } }];
  return [from, to]
    .filter((account) => account !== '' && account !== owner.subject)
    .map((account) => ({ to: homeKey(owner.tenantId, account), facts }));
}

/** What is of no ticket is nothing to those who hear of a ticket. */
function asOfTickets({ entity, fact }: PlacedFact, ticket: string): PlacedFact {
  const original = originalOf(entity);
  if (original === RETRACTIONS || isEntity(original, ENTITY.ticket))
    return { entity: original, fact };
  return { entity: ticket, fact: { ...originOfFact(fact), kind: 'void' } };
}
