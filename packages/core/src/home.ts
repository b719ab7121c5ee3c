import { type Fact, byOccurrence, isKind, supersedes } from './fact.ts';

/** A fact and the entity it belongs to: a field of its home such as `ticket` + id. */
export interface PlacedFact {
  readonly entity: string;
  readonly fact: Fact;
}

/** Entity that holds the retractions of a home. */
export const RETRACTIONS = 'z';

/** Activity of a course run matters only where no enrolment is known, so the earliest few are enough. */
const ACTIVITY_FACTS_MAX = 8;

/** A retraction can be retracted, and so on; a longer chain has no meaning anyone could state. Same bound in SQL. */
const RETRACTION_DEPTH_MAX = 4;

/**
 * Everything known about one home: an account, or a user without one. The facts of an event key are merged by
 * {@link supersedes}, a maximum, so any order and any repetition of events gives the same home.
 * Entities are replaced, never changed in place: a reference taken before `merge` stays what it was.
 */
export class Home {
  readonly #entities = new Map<string, readonly Fact[]>();
  readonly #entityByKey = new Map<string, string>();
  #repetitions = 0;

  constructor(entities: Iterable<readonly [string, readonly Fact[]]> = []) {
    for (const [entity, facts] of entities) {
      this.#entities.set(entity, facts);
      for (const fact of facts) this.#entityByKey.set(fact.key, entity);
    }
  }

  /** All facts of an entity, retracted ones included. */
  facts(entity: string): readonly Fact[] {
    return this.#entities.get(entity) ?? [];
  }

  /** Names of all entities that hold facts. */
  entities(): IterableIterator<string> {
    return this.#entities.keys();
  }

  /** Facts taken in whose key was known already: the same event again, or another version of it. */
  get repetitions(): number {
    return this.#repetitions;
  }

  /** Take in what an event says. Returns the entities whose effective facts may now differ; none if nothing is new. */
  merge({ entity, fact }: PlacedFact): readonly string[] {
    const holder = this.#entityByKey.get(fact.key);
    const held =
      holder === undefined ? undefined : this.facts(holder).find((one) => one.key === fact.key);
    if (held !== undefined) this.#repetitions += 1;
    if (held !== undefined && !supersedes(fact, held)) return [];
    const touched = new Set<string>();
    if (holder !== undefined && held !== undefined) {
      this.#remove(holder, held);
      touched.add(holder);
      this.#addRetracted(held, touched);
    }
    this.#add(entity, fact);
    if (this.#entityByKey.get(fact.key) === entity) touched.add(entity);
    this.#addRetracted(fact, touched);
    return [...touched];
  }

  /** The entities as they are now, for use after later merges. */
  snapshot(): HomeSnapshot {
    return new Map(this.#entities);
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
      const entity = this.#entityByKey.get(target);
      if (entity === undefined) return;
      touched.add(entity);
      current = this.facts(entity).find((one) => one.key === target);
    }
  }

  #add(entity: string, fact: Fact): void {
    const facts = [...this.facts(entity), fact];
    this.#entityByKey.set(fact.key, entity);
    const dropped = isKind(fact, 'activity') ? excessActivity(facts) : undefined;
    if (dropped !== undefined) this.#entityByKey.delete(dropped.key);
    this.#entities.set(
      entity,
      dropped === undefined ? facts : facts.filter((one) => one !== dropped),
    );
  }

  #remove(entity: string, fact: Fact): void {
    const rest = this.facts(entity).filter((one) => one !== fact);
    this.#entityByKey.delete(fact.key);
    if (rest.length === 0) this.#entities.delete(entity);
    else this.#entities.set(entity, rest);
  }
}

/** Facts by entity at some moment, retracted ones included. */
export type HomeSnapshot = ReadonlyMap<string, readonly Fact[]>;

/** The facts of an entity that no effective retraction takes back, in order of occurrence. */
export function effectiveFacts(home: HomeSnapshot, entity: string): readonly Fact[] {
  const facts = home.get(entity) ?? [];
  const retractions = home.get(RETRACTIONS) ?? [];
  const kept =
    retractions.length === 0
      ? facts
      : facts.filter((fact) => !isRetracted(retractions, fact.key, 1));
  return kept.toSorted(byOccurrence);
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

function excessActivity(facts: readonly Fact[]): Fact | undefined {
  const activity = facts.filter((fact) => isKind(fact, 'activity'));
  return activity.length > ACTIVITY_FACTS_MAX ? activity.toSorted(byOccurrence).at(-1) : undefined;
}
