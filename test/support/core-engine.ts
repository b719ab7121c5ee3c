import {
  type Definitions,
  DeltaSheet,
  CountedHome,
  Home,
  type KpiEvent,
  PART,
  type PlacedFact,
  SeriesIndex,
  type Span,
  factsOf,
  parseHomeKey,
  statementsOf,
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

/** The live engine without its edges: homes and series in memory, fed with batches as aggregate is. */
export class CoreEngine {
  readonly index: SeriesIndex = new SeriesIndex();
  readonly #homes = new Map<string, CountedHome>();
  readonly #definitions: Definitions;
  readonly #exact: Span | undefined;

  /** Steps of levels are kept to the ms within `exact`, everywhere without. */
  constructor(definitions: Definitions, exact?: Span) {
    this.#definitions = definitions;
    this.#exact = exact;
  }

  /** Take in a batch; the events of one home are applied together, in the order given. */
  apply(batch: readonly LoggedEvent[]): void {
    const said = batch.flatMap((one) =>
      recordKeys(one.event).map((key) => ({ key, event: one.event, offset: one.offset })),
    );
    for (const [key, members] of Map.groupBy(said, (one) => one.key)) {
      const facts = members.flatMap(({ event, offset }) =>
        factsOf(event, offset, this.#definitions),
      );
      this.#take(key, facts);
    }
  }

  #take(key: string, facts: readonly PlacedFact[]): void {
    const home = this.#homes.get(key) ?? this.#newHome(key);
    const sheet = new DeltaSheet(this.#exact);
    const { entities, dispatches } = home.apply(facts, sheet);
    for (const [series, boundary, weight] of sheet.changes())
      this.index.add(series, boundary, weight);
    const { tenantId } = parseHomeKey(key);
    for (const statement of statementsOf(home.home, entities)) this.index.take(tenantId, statement);
    for (const one of dispatches) this.#take(one.to, one.facts);
  }

  /** What a recount of all homes says, as {@link steps} does. */
  recount(): readonly string[] {
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

function sortedSteps(
  steps: Iterable<readonly [series: string, boundary: number, weight: number]>,
): readonly string[] {
  return [...steps].map((step) => step.join(PART)).toSorted();
}
