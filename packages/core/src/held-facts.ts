import { PART } from './entity.ts';
import { type Fact, type FactKind, isKind } from './fact.ts';

/** Facts of one entity as a store has them, which are read only when somebody asks for them. */
export interface UnreadFacts {
  /** In order of occurrence. */
  read(): readonly Fact[];
  /** False only if none is of an event with this id. */
  mayHold(eventId: string): boolean;
  /** False only if none is of this kind. */
  mayHoldKind(kind: FactKind): boolean;
}

/**
 * Facts by entity, and the entity of each event. A change of a home looks at few of its entities, so those of a store stay unread until
 * they are asked for, or may hold an event that is.
 */
export class HeldFacts {
  readonly #entities = new Map<string, readonly Fact[] | UnreadFacts>();
  /** Of facts that were read. */
  readonly #entityByKey = new Map<string, string>();
  #unread = 0;

  constructor(entities: Iterable<readonly [string, readonly Fact[] | UnreadFacts]>) {
    for (const [entity, facts] of entities) {
      this.#entities.set(entity, facts);
      if (isUnread(facts)) this.#unread += 1;
      else this.#index(entity, facts);
    }
  }

  facts(entity: string): readonly Fact[] {
    const held = this.#entities.get(entity);
    if (held === undefined) return NO_FACTS;
    return isUnread(held) ? this.#read(entity, held) : held;
  }

  has(entity: string): boolean {
    return this.#entities.has(entity);
  }

  entities(): IterableIterator<string> {
    return this.#entities.keys();
  }

  /** False only if an entity holds no fact of a kind. */
  mayHoldKind(entity: string, kind: FactKind): boolean {
    const held = this.#entities.get(entity);
    if (held === undefined) return false;
    return isUnread(held) ? held.mayHoldKind(kind) : holdsKind(held, kind);
  }

  /** The entity that holds the fact of a key. */
  entityOf(key: string): string | undefined {
    const known = this.#entityByKey.get(key);
    if (known !== undefined || this.#unread === 0) return known;
    // All keys end with the id of their event.
    const eventId = key.slice(key.lastIndexOf(PART) + 1);
    for (const [entity, held] of this.#entities)
      if (isUnread(held) && held.mayHold(eventId)) this.#read(entity, held);
    return this.#entityByKey.get(key);
  }

  /** Let an entity hold these facts, whose keys are noted or forgotten one by one; without any it is gone. */
  put(entity: string, facts: readonly Fact[]): void {
    const held = this.#entities.get(entity);
    if (held !== undefined && isUnread(held)) this.#unread -= 1;
    if (facts.length === 0) this.#entities.delete(entity);
    else this.#entities.set(entity, facts);
  }

  note(key: string, entity: string): void {
    this.#entityByKey.set(key, entity);
  }

  forget(key: string): void {
    this.#entityByKey.delete(key);
  }

  #read(entity: string, held: UnreadFacts): readonly Fact[] {
    const facts = held.read();
    this.#entities.set(entity, facts);
    this.#unread -= 1;
    this.#index(entity, facts);
    return facts;
  }

  #index(entity: string, facts: readonly Fact[]): void {
    for (const { key } of facts) this.#entityByKey.set(key, entity);
  }
}

const NO_FACTS: readonly Fact[] = [];

export function holdsKind(facts: readonly Fact[], kind: FactKind): boolean {
  return facts.some((fact) => isKind(fact, kind));
}

function isUnread(held: readonly Fact[] | UnreadFacts): held is UnreadFacts {
  return !Array.isArray(held);
}
