import {
  type Definitions,
  DeltaSheet,
  Home,
  type KpiEvent,
  PART,
  SeriesIndex,
  applyFacts,
  countAll,
  factOf,
  parseHomeKey,
  ratesOf,
} from '@kpi/core';
import { recordKey } from '@kpi/kafka';

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
  readonly #homes = new Map<string, Home>();
  readonly #definitions: Definitions;

  constructor(definitions: Definitions) {
    this.#definitions = definitions;
  }

  /** Take in a batch; the events of one home are applied together, in the order given. */
  apply(batch: readonly LoggedEvent[]): void {
    const byHome = Map.groupBy(batch, ({ event }) => recordKey(event));
    for (const [key, members] of byHome) {
      const home = this.#homes.get(key) ?? new Home();
      this.#homes.set(key, home);
      const facts = members.flatMap(({ event, offset }) => factOf(event, offset) ?? []);
      const sheet = new DeltaSheet();
      const touched = applyFacts(home, facts, { ...parseHomeKey(key), ...this.#shared(), sheet });
      for (const [series, boundary, weight] of sheet.changes())
        this.index.add(series, boundary, weight);
      const { tenantId } = parseHomeKey(key);
      for (const rate of ratesOf(home, touched)) this.index.setRate(tenantId, rate);
    }
  }

  /** What a recount of all homes says, as {@link steps} does. */
  recount(): readonly string[] {
    const sheet = new DeltaSheet();
    for (const [key, home] of this.#homes)
      countAll(home, { ...parseHomeKey(key), ...this.#shared(), sheet });
    return sortedSteps(sheet.changes());
  }

  /** Every step of every series as text, sorted. */
  steps(): readonly string[] {
    return sortedSteps(this.index.steps());
  }

  #shared(): { definitions: Definitions } {
    return { definitions: this.#definitions };
  }
}

function sortedSteps(
  steps: Iterable<readonly [series: string, boundary: number, weight: number]>,
): readonly string[] {
  return [...steps].map((step) => step.join(PART)).toSorted();
}
