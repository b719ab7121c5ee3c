import { compressed, isCompressed } from './activity.ts';
import { ENTITY, PART, isEntity } from './entity.ts';
import {
  type Fact,
  type FactKind,
  type FactOrigin,
  byOccurrence,
  isKind,
  originOfFact,
  supersedes,
} from './fact.ts';
import { HeldFacts, type UnreadFacts, holdsKind } from './held-facts.ts';

/** A fact and the entity it belongs to: a field of its home such as `ticket` + id. */
export interface PlacedFact {
  readonly entity: string;
  readonly fact: Fact;
}

/** Entity that holds the retractions of a home, and which of its activity has versions. */
export const RETRACTIONS = 'z';

/** Activity of a course run matters only where no enrolment is known, so the earliest few of each account are enough. */
const ACTIVITY_FACTS_MAX = 8;

/** A retraction can be retracted, and so on; a longer chain has no meaning anyone could state. Same bound in SQL. */
const RETRACTION_DEPTH_MAX = 4;

/** Facts by entity, retracted ones included, each entity's in order of occurrence. */
export interface FactSource {
  facts(entity: string): readonly Fact[];
  /** Names of all entities; of one that holds no fact any more, the name may stay. */
  entities(): Iterable<string>;
  /** False only if an entity holds no fact of a kind. Many can be passed over so, without reading them. */
  mayHoldKind(entity: string, kind: FactKind): boolean;
}

/** What merging some facts did to a home. */
export interface Merged {
  /** Entities whose effective facts may now differ; none if nothing was new. */
  readonly touched: ReadonlySet<string>;
  /** The home as it was. Valid until it is merged into again. */
  readonly before: FactSource;
}

/**
 * Everything known about one home: an account, or a user without one. The facts of an event key are merged by
 * {@link supersedes}, a maximum, so any order and any repetition of events gives the same home.
 * The facts of an entity are replaced, never changed in place: a reference taken before `merge` stays what it was.
 */
export class Home implements FactSource {
  readonly #held: HeldFacts;
  #repetitions = 0;
  /** Former facts of the entities that changed while {@link mergeAll} runs. */
  #replaced: Map<string, readonly Fact[]> | undefined;

  /** Facts by entity, in order of occurrence: as another home held them, or as a store has them. */
  constructor(entities: Iterable<readonly [string, readonly Fact[] | UnreadFacts]> = []) {
    this.#held = new HeldFacts(entities);
  }

  facts(entity: string): readonly Fact[] {
    return this.#held.facts(entity);
  }

  entities(): IterableIterator<string> {
    return this.#held.entities();
  }

  mayHoldKind(entity: string, kind: FactKind): boolean {
    return this.#held.mayHoldKind(entity, kind);
  }

  /** The fact of an event; undefined when it has none here, as that of an action in the product. */
  factOf(key: string): Fact | undefined {
    return this.placedOf(key)?.fact;
  }

  /** The fact of an event and where it is. */
  placedOf(key: string): PlacedFact | undefined {
    const entity = this.#held.entityOf(key);
    const fact =
      entity === undefined ? undefined : this.facts(entity).find((one) => one.key === key);
    return entity === undefined || fact === undefined ? undefined : { entity, fact };
  }

  /** Whether this version of a merge, or of a retraction, was withdrawn. */
  isGone(fact: FactOrigin): boolean {
    return this.#held.has(ENTITY.gone) && this.#held.entityOf(goneKey(fact)) !== undefined;
  }

  /** Whether a ticket that it knows was moved to another account, or from one. */
  get hasAttributions(): boolean {
    for (const entity of this.entities()) {
      if (!isEntity(entity, ENTITY.ticket) && !isEntity(entity, ENTITY.copy)) continue;
      if (!this.mayHoldKind(entity, 'attribution')) continue;
      if (holdsKind(this.facts(entity), 'attribution')) return true;
    }
    return false;
  }

  /** Facts taken in whose key was known already: the same event again, or another version of it. */
  get repetitions(): number {
    return this.#repetitions;
  }

  /** Take in what an event says. Returns the entities whose effective facts may now differ; none if nothing is new. */
  merge(placed: PlacedFact): ReadonlySet<string> {
    return this.mergeAll([placed]).touched;
  }

  /** Take in what several events say. */
  mergeAll(facts: readonly PlacedFact[]): Merged {
    const replaced = new Map<string, readonly Fact[]>();
    const touched = new Set<string>();
    this.#replaced = replaced;
    // Before all else, because what is withdrawn may stand in the way of an earlier version.
    let isWithdrawing = false;
    for (const placed of facts) {
      if (!isKind(placed.fact, 'withdrawn')) continue;
      isWithdrawing = true;
      this.#withdraw(placed, touched);
    }
    const left = isWithdrawing ? withoutWithdrawn(facts) : facts;
    for (const placed of left) this.#merge(placed, touched);
    this.#replaced = undefined;
    const before: FactSource = {
      facts: (entity) => replaced.get(entity) ?? this.facts(entity),
      mayHoldKind: (entity, kind) => {
        const former = replaced.get(entity);
        return former === undefined ? this.mayHoldKind(entity, kind) : holdsKind(former, kind);
      },
      entities: () => {
        for (const entity of replaced.keys())
          if (!this.#held.has(entity)) return new Set([...this.entities(), ...replaced.keys()]);
        return this.entities();
      },
    };
    return { touched, before };
  }

  /** Let compressed entities hold other facts than they do. */
  replaceCompressed(facts: readonly PlacedFact[]): void {
    for (const { entity, fact } of facts) this.#replace(entity, [fact]);
  }

  #merge({ entity, fact }: PlacedFact, touched: Set<string>): void {
    if (isCompressed(fact)) {
      const [known] = this.facts(entity);
      const merged = compressed(entity, known, fact);
      if (merged === known) return;
      this.#replace(entity, [merged]);
      touched.add(entity);
      return;
    }
    if (isOfMerges(entity) && this.isGone(fact)) return;
    const holder = this.#held.entityOf(fact.key);
    const held =
      holder === undefined ? undefined : this.facts(holder).find((one) => one.key === fact.key);
    if (held !== undefined && !this.#isSecond(fact)) this.#repetitions += 1;
    if (held !== undefined && !supersedes(fact, held)) return;
    if (holder !== undefined && held !== undefined) {
      this.#remove(holder, held);
      touched.add(holder);
      this.#addRetracted(held, touched);
    }
    if (this.#add(entity, fact)) touched.add(entity);
    this.#addRetracted(fact, touched);
  }

  /** Only the very payload that was told; by now another one of the event may hold. */
  #withdraw({ entity, fact }: PlacedFact, touched: Set<string>): void {
    const isMerge = isOfMerges(entity);
    if (isMerge) this.#keepAway(fact, touched);
    const held = this.placedOf(fact.key);
    const isSaid = isMerge ? isSameVersion : isSamePayload;
    if (held?.entity !== entity || !isSaid(held.fact, fact)) return;
    this.#remove(entity, held.fact);
    touched.add(entity);
    this.#addRetracted(held.fact, touched);
  }

  /**
   * Merges are told in circles, and so is that they are withdrawn: the two could follow each other for ever. So no home takes in again
   * a version that was withdrawn.
   */
  #keepAway(fact: Fact, touched: Set<string>): void {
    if (this.isGone(fact)) return;
    const { account: _account, ...origin } = originOfFact(fact);
    this.#add(ENTITY.gone, { ...origin, key: goneKey(fact), kind: 'void' });
    touched.add(ENTITY.gone);
  }

  /** Whether its event has a fact beside it that is counted as the same repetition. */
  #isSecond(fact: Fact): boolean {
    const key = eventKeyOf(fact);
    return key !== fact.key && this.#held.entityOf(key) !== undefined;
  }

  /** The entities that a retraction reaches: its target's, and through a retracted retraction that one's target. */
  #addRetracted(fact: Fact, touched: Set<string>): void {
    let current: Fact | undefined = fact;
    for (
      let depth = 0;
      depth <= RETRACTION_DEPTH_MAX && current !== undefined && isKind(current, 'retraction');
      depth += 1
    ) {
      const target: string = current.target;
      const own = this.#held.entityOf(ownKey(target));
      if (own !== undefined) touched.add(own);
      const entity = this.#held.entityOf(target);
      if (entity === undefined) return;
      touched.add(entity);
      current = this.facts(entity).find((one) => one.key === target);
    }
  }

  /** False when the fact is one too many, so that the entity stays what it was. */
  #add(entity: string, fact: Fact): boolean {
    const facts = insertInOrder(this.facts(entity), fact);
    const dropped = isKind(fact, 'activity') ? this.#excessActivity(facts, fact) : undefined;
    if (dropped === fact) return false;
    this.#held.note(fact.key, entity);
    if (dropped !== undefined) this.#held.forget(dropped.key);
    this.#replace(entity, dropped === undefined ? facts : facts.filter((one) => one !== dropped));
    return true;
  }

  /** If the account that one was added to has one too many: one that was taken back, else the last. */
  #excessActivity(facts: readonly Fact[], { account }: Fact): Fact | undefined {
    if (facts.length <= ACTIVITY_FACTS_MAX) return undefined;
    const activity = facts.filter((fact) => isKind(fact, 'activity') && fact.account === account);
    if (activity.length <= ACTIVITY_FACTS_MAX) return undefined;
    const retractions = this.facts(RETRACTIONS);
    return activity.findLast(({ key }) => isRetracted(retractions, key, 1)) ?? activity.at(-1);
  }

  #remove(entity: string, fact: Fact): void {
    this.#held.forget(fact.key);
    this.#replace(
      entity,
      this.facts(entity).filter((one) => one !== fact),
    );
  }

  #replace(entity: string, facts: readonly Fact[]): void {
    if (this.#replaced !== undefined && !this.#replaced.has(entity))
      this.#replaced.set(entity, this.facts(entity));
    this.#held.put(entity, facts);
  }
}

/** Whether it tells of merges, or of what takes one back. */
function isOfMerges(entity: string): boolean {
  return (
    entity === RETRACTIONS || isEntity(entity, ENTITY.merger) || isEntity(entity, ENTITY.userMerger)
  );
}

/** Key of the fact that a version is gone. It ends with that of the event, as all keys do. */
function goneKey({ key, sourceVersion, receivedAt }: FactOrigin): string {
  return ['', ENTITY.gone, sourceVersion, receivedAt, key].join(PART);
}

/** Facts that are not withdrawn further on: several records of the log of facts may be taken in at once. */
function withoutWithdrawn(facts: readonly PlacedFact[]): readonly PlacedFact[] {
  const withdrawals = facts.flatMap(({ entity, fact }, index) =>
    isKind(fact, 'withdrawn') ? [{ entity, fact, index }] : [],
  );
  const byKey = Map.groupBy(withdrawals, ({ fact }) => fact.key);
  const isWithdrawn = ({ entity, fact }: PlacedFact, index: number): boolean =>
    (byKey.get(fact.key) ?? []).some(
      (later) => index < later.index && later.entity === entity && isSamePayload(later.fact, fact),
    );
  return facts.filter(
    (placed, index) => !isKind(placed.fact, 'withdrawn') && !isWithdrawn(placed, index),
  );
}

/** The same event may be in the log several times. */
function isSameVersion(a: Fact, b: Fact): boolean {
  return goneKey(a) === goneKey(b);
}

function isSamePayload(a: Fact, b: Fact): boolean {
  return a.key === b.key && !supersedes(a, b) && !supersedes(b, a);
}

/** The facts of an entity that no effective retraction takes back, in order of occurrence. */
export function effectiveFacts(home: FactSource, entity: string): readonly Fact[] {
  const facts = home.facts(entity);
  const retractions = home.facts(RETRACTIONS);
  return retractions.length === 0
    ? facts
    : facts.filter((fact) => !isRetracted(retractions, eventKeyOf(fact), 1));
}

/** Key of what an event says to KPIs of one's own: of one key, a home has that and what it says to the built-in ones. */
export function ownKey(eventKey: string): string {
  return `${PART}${eventKey}`;
}

/** The key that a retraction of the event names. */
function eventKeyOf({ key }: Fact): string {
  return key.startsWith(PART) ? key.slice(PART.length) : key;
}

/** Retractions of these facts, of those retractions, and so on. */
export function retractionsReaching(home: FactSource, facts: readonly Fact[]): readonly Fact[] {
  const retractions = home.facts(RETRACTIONS).filter((fact) => isKind(fact, 'retraction'));
  const reaching = new Set<Fact>();
  let targets = new Set(facts.map(({ key }) => key));
  while (retractions.length > 0 && targets.size > 0) {
    const found = retractions.filter((fact) => targets.has(fact.target) && !reaching.has(fact));
    for (const fact of found) reaching.add(fact);
    targets = new Set(found.map(({ key }) => key));
  }
  return [...reaching];
}

/** Most facts come in the order of their occurrence, so the place is looked for from the end. */
function insertInOrder(facts: readonly Fact[], fact: Fact): readonly Fact[] {
  let at = facts.length;
  while (at > 0 && isBefore(fact, facts[at - 1])) at -= 1;
  return at === facts.length ? [...facts, fact] : facts.toSpliced(at, 0, fact);
}

function isBefore(a: Fact, b: Fact | undefined): boolean {
  return b !== undefined && byOccurrence(a, b) < 0;
}

function isRetracted(retractions: readonly Fact[], key: string, depth: number): boolean {
  if (depth > RETRACTION_DEPTH_MAX) return false;
  return retractions.some(
    (fact) =>
      isKind(fact, 'retraction') &&
      fact.target === key &&
      !isRetracted(retractions, fact.key, depth + 1),
  );
}
