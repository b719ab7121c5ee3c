import {
  type Definitions,
  DeltaSheet,
  ENTITY,
  Home,
  type KpiEvent,
  PART,
  SeriesIndex,
  applyFacts,
  countAll,
  effectiveFacts,
  entityParts,
  factOf,
  isKind,
  utcDay,
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
      const touched = applyFacts(home, facts, { ...ownerOf(key), ...this.#shared(), sheet });
      for (const [series, boundary, weight] of sheet.changes())
        this.index.add(series, boundary, weight);
      for (const entity of touched) this.#takeRate(home, { key, entity });
    }
  }

  /** What a recount of all homes says, as {@link steps} does. */
  recount(): readonly string[] {
    const sheet = new DeltaSheet();
    for (const [key, home] of this.#homes)
      countAll(home, { ...ownerOf(key), ...this.#shared(), sheet });
    return sortedSteps(sheet.changes());
  }

  /** Every step of every series as text, sorted. */
  steps(): readonly string[] {
    return sortedSteps(this.index.steps());
  }

  #shared(): { definitions: Definitions } {
    return { definitions: this.#definitions };
  }

  #takeRate(home: Home, changed: { key: string; entity: string }): void {
    const [kind, base = '', quote = '', date = ''] = entityParts(changed.entity);
    if (kind !== ENTITY.rate) return;
    const facts = effectiveFacts(home.snapshot(), changed.entity);
    const rate = facts.findLast((fact) => isKind(fact, 'rate'))?.rate;
    const day = utcDay(Date.parse(date));
    this.index.setRate(ownerOf(changed.key).tenantId, { base, quote, day, rate });
  }
}

function ownerOf(key: string): { tenantId: string; hasAccount: boolean } {
  const [tenantId = '', subject = ''] = key.split(PART);
  return { tenantId, hasAccount: subject !== '' && !subject.startsWith('user:') };
}

function sortedSteps(
  steps: Iterable<readonly [series: string, boundary: number, weight: number]>,
): readonly string[] {
  return [...steps].map((step) => step.join(PART)).toSorted();
}
