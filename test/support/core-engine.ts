import {
  DEFAULT_DEFINITIONS,
  type Definitions,
  DeltaSheet,
  type Dispatch,
  CountedHome,
  Home,
  type HomeChange,
  type KpiEvent,
  PART,
  type PlacedFact,
  SeriesIndex,
  type Span,
  type IsErased,
  factsOf,
  factsOfHistory,
  mustReread,
  namesErased,
  parseHomeKey,
  remakeHome,
  statementsOf,
  toldFacts,
  withRoomFor,
  withoutErased,
} from '@kpi/core';
import { recordKeys } from '@kpi/kafka';

/** An event and its place in the log. */
export interface LoggedEvent {
  readonly event: KpiEvent;
  readonly offset: number;
}

/** Events in the order of the log. */
export function logged(events: readonly KpiEvent[]): readonly LoggedEvent[] {
  return events.map((event, offset) => ({ event, offset }));
}

/** Homes of a drawn log tell one another a few thousand times at most; what goes on for longer never ends. */
const TOLD_MAX = 100_000;

/** The live engine without its edges: homes, series and history in memory, fed with batches as aggregate is. */
export class CoreEngine {
  readonly #index: SeriesIndex = new SeriesIndex();
  readonly #homes = new Map<string, CountedHome>();
  readonly #definitions: Definitions;
  readonly #exact: Span | undefined;
  readonly #history = new Map<string, LoggedEvent[]>();
  #isErased: IsErased = () => false;
  readonly #told: { readonly from: string; readonly dispatch: Dispatch }[] = [];
  #version = 0;
  #batches = 0;
  readonly #batchesUntold: number;

  /**
   * Steps of levels are kept to the ms within `exact`, everywhere without. Homes hear what they are told at once, or only after every
   * so many batches.
   */
  constructor(definitions: Definitions, exact?: Span, batchesUntold = 0) {
    this.#definitions = definitions;
    this.#exact = exact;
    this.#batchesUntold = batchesUntold;
  }

  /** Take in a batch; the events of one home are applied together, in the order given. */
  apply(batch: readonly LoggedEvent[]): void {
    const said = batch.flatMap((one) =>
      recordKeys(one.event).map((key) => ({ key, event: one.event, offset: one.offset })),
    );
    for (const [key, members] of Map.groupBy(said, (one) => one.key)) {
      const kept = members.filter(({ event }) => !namesErased(event, this.#isErased));
      this.#history.set(key, [...(this.#history.get(key) ?? []), ...kept]);
      const facts = kept.flatMap(({ event, offset }) => factsOf(event, offset, this.#definitions));
      this.#take(key, facts);
      if (kept.some(({ event }) => mustReread(event, this.#homes.get(key)?.home)))
        this.#reread(key);
      if (this.#batchesUntold === 0) this.#deliver();
    }
    this.#batches += 1;
    if (this.#batches % (this.#batchesUntold + 1) === 0) this.#deliver();
  }

  get index(): SeriesIndex {
    this.#deliver();
    return this.#index;
  }

  /** Whoever is erased from now on is nowhere afterwards. */
  erase(isErased: IsErased): void {
    this.#isErased = isErased;
    const keys = [...this.#homes.keys()];
    for (const key of keys) {
      this.#reread(key);
      this.#deliver();
    }
  }

  /** Names of everything that homes hold, and of what tells of it. */
  contents(): string {
    this.#deliver();
    const homes = [...this.#homes].map(([key, { home }]) => [
      key,
      [...home.entities()].map((entity) => [entity, home.facts(entity)]),
    ]);
    return JSON.stringify(homes.filter(([, entities]) => (entities?.length ?? 0) > 0));
  }

  #reread(key: string): void {
    const former = this.#homes.get(key) ?? this.#newHome(key);
    const isErased = this.#isErased;
    const recorded = (this.#history.get(key) ?? []).filter(
      ({ event }) => !namesErased(event, isErased),
    );
    const told = withoutErased(toldFacts(former.home), former.owner, isErased);
    const sheet = new DeltaSheet(this.#exact);
    const facts = [...factsOfHistory(recorded, this.#definitions), ...told];
    this.#version += 1;
    const remade = remakeHome(former, { facts, version: this.#version }, sheet);
    this.#homes.set(key, remade.counted);
    this.#enter(key, sheet, remade);
  }

  #take(key: string, facts: readonly PlacedFact[]): void {
    const counted = this.#homes.get(key) ?? this.#newHome(key);
    const sheet = new DeltaSheet(this.#exact);
    const isErased = this.#isErased;
    const taken = withoutErased(facts, counted.owner, isErased);
    const nextVersion = (): number => (this.#version += 1);
    const remade = withRoomFor(taken, { counted, isErased }, { nextVersion, sheet });
    const home = remade?.counted ?? counted;
    this.#homes.set(key, home);
    const change = home.apply(taken, sheet);
    this.#enter(key, sheet, {
      entities: new Set([...change.entities, ...(remade?.entities ?? [])]),
      dispatches: [...(remade?.dispatches ?? []), ...change.dispatches],
    });
    if (change.releasesHistory) this.#reread(key);
  }

  #enter(
    key: string,
    sheet: DeltaSheet,
    { entities, dispatches }: Pick<HomeChange, 'entities' | 'dispatches'>,
  ): void {
    for (const [series, boundary, weight] of sheet.changes())
      this.#index.add(series, boundary, weight);
    const { tenantId } = parseHomeKey(key);
    const home = this.#homes.get(key)?.home;
    for (const statement of home === undefined ? [] : statementsOf(home, entities))
      this.#index.take(tenantId, statement);
    for (const dispatch of dispatches) this.#told.push({ from: key, dispatch });
  }

  /**
   * The last first, but what one home tells another in its order, as in the log of facts: one by one, or all at once as records that
   * are read together.
   */
  #deliver(): void {
    let deliveries = 0;
    for (let last = this.#told.at(-1); last !== undefined; last = this.#told.at(-1)) {
      const { from } = last;
      const { to } = last.dispatch;
      const ofBoth = this.#told.filter((one) => one.from === from && one.dispatch.to === to);
      const next = this.#told.length % 2 === 0 ? ofBoth : ofBoth.slice(0, 1);
      for (const one of next) this.#told.splice(this.#told.indexOf(one), 1);
      deliveries += 1;
      if (deliveries > TOLD_MAX)
        throw new Error(`homes go on telling each other, now ${from} ${to}`);
      this.#take(
        to,
        next.flatMap(({ dispatch }) => dispatch.facts),
      );
    }
  }

  /** What a recount of all homes says, as {@link steps} does. */
  recount(): readonly string[] {
    this.#deliver();
    const sheet = new DeltaSheet(this.#exact);
    for (const { home, owner } of this.#homes.values())
      new CountedHome(home, owner).countAll(sheet);
    return sortedSteps(sheet.changes());
  }

  /** Every step of every series as text, sorted. */
  steps(): readonly string[] {
    return sortedSteps(this.index.steps());
  }

  #newHome(key: string): CountedHome {
    const owner = { ...parseHomeKey(key), definitions: this.#definitions };
    const home = new CountedHome(new Home(), owner);
    this.#homes.set(key, home);
    return home;
  }
}

/** An engine that has taken in some batches; homes hear of each other as {@link CoreEngine} says. */
export function engineOf(
  batches: readonly (readonly LoggedEvent[])[],
  given: {
    readonly definitions?: Definitions;
    readonly exact?: Span;
    readonly batchesUntold?: number;
  } = {},
): CoreEngine {
  const { definitions = DEFAULT_DEFINITIONS, exact, batchesUntold } = given;
  const engine = new CoreEngine(definitions, exact, batchesUntold);
  for (const batch of batches) engine.apply(batch);
  return engine;
}

function sortedSteps(
  steps: Iterable<readonly [series: string, boundary: number, weight: number]>,
): readonly string[] {
  return [...steps].map((step) => step.join(PART)).toSorted();
}
