import { activityAnew, isCompressed } from './activity.ts';
import { type Definitions } from './definitions.ts';
import { type DeltaSheet } from './delta-sheet.ts';
import { ENTITY, PART, isEntity } from './entity.ts';
import { factsOf, originOf } from './event-facts.ts';
import { type KpiEvent } from './events.gen.ts';
import { type Fact, isKind, isOwn, supersedes } from './fact.ts';
import { type FactSource, Home, type PlacedFact, RETRACTIONS, effectiveFacts } from './home.ts';
import { CountedHome, type HomeChange } from './home-change.ts';
import { withoutErased } from './erased-facts.ts';
import { isSame } from './same.ts';
import { dispatchesOf } from './shared-users.ts';
import { type IsErased } from './subjects.ts';
import { isOnlyInHistory } from './taken-back.ts';

/** An event and its place in the log. */
export interface RecordedEvent {
  readonly event: KpiEvent;
  readonly offset: number;
}

/**
 * Whether what an event says cannot be merged into a home, so that the home must be read again from history: it takes back or
 * replaces activity, which is kept compressed (KPI_SPEC 7.1.9), or it is activity that was taken back before it came.
 * `home` is as it is with the event; undefined when it took nothing in.
 */
export function mustReread(event: KpiEvent, home: Home | undefined): boolean {
  // Nobody was active of whom nothing is said.
  if (event.account_id === null && event.user_id === null) return false;
  if (event.retracts !== null)
    return isOnlyInHistory(home, `${event.source}${PART}${event.retracts}`);
  if (event.event_type !== 'product.action_performed') return false;
  if (event.source_version > 0) return true;
  const taking = home?.facts(RETRACTIONS) ?? [];
  if (taking.length === 0) return false;
  const { key } = originOf(event, 0);
  return taking.some(
    (fact) => fact.key === key || (isKind(fact, 'retraction') && fact.target === key),
  );
}

/** What the events of a home say, when all of them are known: activity only as far as nothing takes it back or replaces it. */
export function factsOfHistory(
  events: Iterable<RecordedEvent>,
  definitions: Definitions,
): readonly PlacedFact[] {
  const facts: PlacedFact[] = [];
  const retractions = new Home();
  const activity = new Map<string, RecordedEvent & { readonly fact: Fact }>();
  for (const { event, offset } of events) {
    if (event.retracts === null && ACTIVITY.has(event.event_type)) {
      const fact: Fact = { ...originOf(event, offset), kind: 'void' };
      const held = activity.get(fact.key);
      if (held === undefined || supersedes(fact, held.fact))
        activity.set(fact.key, { event, offset, fact });
      continue;
    }
    for (const placed of factsOf(event, offset, definitions)) {
      facts.push(placed);
      if (placed.entity === RETRACTIONS) retractions.merge(placed);
    }
  }
  const all = [...activity.values()].map(({ fact }) => fact);
  const source: FactSource = {
    facts: (entity) => (entity === RETRACTIONS ? retractions.facts(entity) : all),
    entities: () => [],
    mayHoldKind: () => true,
  };
  for (const { key } of effectiveFacts(source, '')) {
    const kept = activity.get(key);
    if (kept !== undefined) facts.push(...factsOf(kept.event, kept.offset, definitions));
  }
  return facts;
}

/** Events of which a home does not keep every one. */
const ACTIVITY: ReadonlySet<KpiEvent['event_type']> = new Set([
  'product.action_performed',
  'lms.course_started',
  'lms.lesson_completed',
  'lms.assessment_submitted',
]);

/** What other homes have told a home. */
export function toldFacts(home: FactSource): readonly PlacedFact[] {
  return [...home.entities()].flatMap((entity) =>
    home
      .facts(entity)
      .filter((fact) => isTold(entity, fact))
      .map((fact) => ({ entity, fact })),
  );
}

function isTold(entity: string, fact: Fact): boolean {
  return (
    entity === ENTITY.gone || isEntity(entity, ENTITY.copy) || isKind(fact, 'homes') || !isOwn(fact)
  );
}

/** A home that was made anew, and what differs from the one before. */
export interface RemadeHome extends HomeChange {
  readonly counted: CountedHome;
}

export interface RemadeOf {
  readonly facts: readonly PlacedFact[];
  /** Higher than any that the home was made anew with before, even where that was told and then not stored. */
  readonly version: number;
}

/** Make a home anew of other facts; what it then counts more or less goes into the sheet. The former home stays what it was. */
export function remakeHome(
  former: CountedHome,
  { facts, version }: RemadeOf,
  sheet: DeltaSheet,
): RemadeHome {
  const { owner, home: before } = former;
  const home = new Home();
  home.mergeAll(facts);
  // Of somebody who was erased not even that there was something is kept.
  if (facts.length > 0) home.replaceCompressed(activityAnew(before, home, version));
  former.withdrawAll(sheet);
  const counted = new CountedHome(home, owner);
  counted.countAll(sheet);
  const names = new Set([...before.entities(), ...home.entities()]);
  const isOther = (entity: string): boolean =>
    !isSame(before.facts(entity), home.facts(entity)) ||
    !isSame(effectiveFacts(before, entity), effectiveFacts(home, entity));
  const entities = new Set([...names].filter(isOther));
  return {
    counted,
    entities,
    dispatches: dispatchesOf({ owner, home, touched: entities, before }),
    releasesHistory: false,
  };
}

/**
 * Before a home takes in what it is told: that home without anything of who was erased, if such a thing is what it holds in place of
 * something it is told. It would win against that, and be gone when the home is read again.
 */
export function withRoomFor(
  told: readonly PlacedFact[],
  { counted, isErased }: { readonly counted: CountedHome; readonly isErased: IsErased },
  { nextVersion, sheet }: { readonly nextVersion: () => number; readonly sheet: DeltaSheet },
): RemadeHome | undefined {
  const { home, owner } = counted;
  const held = told.flatMap(({ entity, fact }) => heldInPlaceOf(home, entity, fact));
  if (held.length === 0 || withoutErased(held, owner, isErased).length === held.length)
    return undefined;
  const all = [...home.entities()].flatMap((entity) =>
    home.facts(entity).map((fact) => ({ entity, fact })),
  );
  const facts = withoutErased(all, owner, isErased);
  return remakeHome(counted, { facts, version: nextVersion() }, sheet);
}

/** What a home holds of the same event, or of the same entity if that holds but one fact. */
function heldInPlaceOf(home: Home, entity: string, fact: Fact): readonly PlacedFact[] {
  if (isCompressed(fact)) return home.facts(entity).map((held) => ({ entity, fact: held }));
  const held = home.placedOf(fact.key);
  return held === undefined ? [] : [held];
}
