import {
  DAY_MS,
  DEFAULT_DEFINITIONS,
  type EventType,
  KPIS,
  type Kpi,
  resolutionMs,
} from '@kpi/core';

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

/** Age from which an event is beyond the live horizon of a KPI (KPI_SPEC 7.3). */
function horizonMs({ windows, lookBackMs }: Kpi): number {
  const lengths = windows.map((windowMs) => windowMs + lookBackMs(windowMs, DEFAULT_DEFINITIONS));
  return Math.max(...lengths) + READABLE_MS;
}

const HORIZONS = KPIS.filter(({ windows }) => windows.length > 0).map((kpi) => ({
  id: kpi.id,
  events: kpi.events,
  ageMs: horizonMs(kpi),
}));
const SHORTEST_HORIZON_MS = Math.min(...HORIZONS.map(({ ageMs }) => ageMs));

/** Counts the late events of one batch: two divisions for an event that is in time. */
export class LateTally implements LateEvents {
  readonly beyondLive = new Map<string, number>();
  #late = 0;

  get late(): number {
    return this.#late;
  }

  add(eventType: EventType, occurredAt: number, arrivedAt: number): void {
    if (Math.floor(occurredAt / BUCKET_MS) >= Math.floor(arrivedAt / BUCKET_MS)) return;
    this.#late += 1;
    const ageMs = arrivedAt - occurredAt;
    if (ageMs < SHORTEST_HORIZON_MS) return;
    for (const { id, events, ageMs: limitMs } of HORIZONS)
      if (ageMs >= limitMs && events.includes(eventType))
        this.beyondLive.set(id, (this.beyondLive.get(id) ?? 0) + 1);
  }
}
