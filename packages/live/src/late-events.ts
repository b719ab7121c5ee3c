import { DAY_MS, type Definitions, type EventType, KPIS, kpisOf, resolutionMs } from '@kpi/core';

/** Late events of a batch. */
export interface LateEvents {
  /** Events that arrived after the bucket they happened in had closed, by the finest bucket of any KPI. */
  readonly late: number;
  /** Events that arrived when no live value they belong to could be read any more, by KPI (KPI_SPEC 1.2). */
  readonly beyondLive: ReadonlyMap<string, number>;
}

const BUCKET_MS = Math.min(...KPIS.flatMap((kpi) => kpi.windows.map(resolutionMs)));
/** Values this long ago are still corrected live. */
const READABLE_MS = 7 * DAY_MS;

/** Ages from which events are beyond the live horizons of KPIs (KPI_SPEC 7.3), by the definitions that they are counted by. */
interface Horizons {
  readonly shortestMs: number;
  readonly ofKpis: readonly {
    readonly id: string;
    readonly events: readonly string[];
    readonly ageMs: number;
  }[];
}

const known = new WeakMap<Definitions, Horizons>();

function horizonsOf(definitions: Definitions): Horizons {
  const before = known.get(definitions);
  if (before !== undefined) return before;
  const ofKpis = kpisOf(definitions)
    .filter(({ windows }) => windows.length > 0)
    .map(({ id, events, windows, lookBackMs }) => {
      const lengths = windows.map((windowMs) => windowMs + lookBackMs(windowMs, definitions));
      return { id, events, ageMs: Math.max(...lengths) + READABLE_MS };
    });
  const horizons = { ofKpis, shortestMs: Math.min(...ofKpis.map(({ ageMs }) => ageMs)) };
  known.set(definitions, horizons);
  return horizons;
}

/** What the tally needs to know of an event. */
interface SeenEvent {
  readonly tenant_id: string;
  readonly event_type: EventType;
  readonly occurred_at: number;
}

/** Counts the late events of one batch: two divisions for an event that is in time. */
export class LateTally implements LateEvents {
  readonly beyondLive = new Map<string, number>();
  readonly #definitionsOf: (tenantId: string) => Definitions;
  #late = 0;

  constructor(definitionsOf: (tenantId: string) => Definitions) {
    this.#definitionsOf = definitionsOf;
  }

  get late(): number {
    return this.#late;
  }

  add(seen: SeenEvent, arrivedAt: number): void {
    const { tenant_id: tenantId, event_type: eventType, occurred_at: occurredAt } = seen;
    if (Math.floor(occurredAt / BUCKET_MS) >= Math.floor(arrivedAt / BUCKET_MS)) return;
    this.#late += 1;
    const ageMs = arrivedAt - occurredAt;
    const { shortestMs, ofKpis } = horizonsOf(this.#definitionsOf(tenantId));
    if (ageMs < shortestMs) return;
    for (const { id, events, ageMs: limitMs } of ofKpis)
      if (ageMs >= limitMs && events.includes(eventType))
        this.beyondLive.set(id, (this.beyondLive.get(id) ?? 0) + 1);
  }
}
