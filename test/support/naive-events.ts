import { type EventOf, type EventType, type KpiEvent } from '@kpi/core';

import { type LoggedEvent } from './core-engine.ts';

/**
 * The events that count, read from the words of KPI_SPEC 7.1.3 and 7.1.4: of each (source, event_id) the one with the higher
 * source_version, then the later received_at, then the later place in the log; none that an effective event retracts.
 */
export function effectiveEvents(log: readonly LoggedEvent[]): readonly KpiEvent[] {
  const winners = log
    .filter((one) => !log.some((other) => sameKey(one.event, other.event) && beats(other, one)))
    .map(({ event }) => event);
  return winners.filter((event) => event.retracts === null && isEffective(event, winners));
}

function isEffective(event: KpiEvent, winners: readonly KpiEvent[]): boolean {
  return !winners.some(
    (other) =>
      other.retracts === event.event_id &&
      other.source === event.source &&
      isEffective(other, winners),
  );
}

function sameKey(a: KpiEvent, b: KpiEvent): boolean {
  return a.source === b.source && a.event_id === b.event_id;
}

function beats(a: LoggedEvent, b: LoggedEvent): boolean {
  if (a.event.source_version !== b.event.source_version)
    return a.event.source_version > b.event.source_version;
  if (a.event.received_at !== b.event.received_at) return a.event.received_at > b.event.received_at;
  return a.offset > b.offset;
}

/** The events of some types, in the order of writers: (occurred_at, event_id). */
export function ofTypes<T extends EventType>(
  events: readonly KpiEvent[],
  types: readonly T[],
): readonly EventOf<T>[] {
  const names: readonly string[] = types;
  return events
    .filter((event): event is EventOf<T> => names.includes(event.event_type))
    .toSorted(byWriter);
}

function byWriter(a: KpiEvent, b: KpiEvent): number {
  if (a.occurred_at !== b.occurred_at) return a.occurred_at - b.occurred_at;
  if (a.event_id !== b.event_id) return a.event_id < b.event_id ? -1 : 1;
  return a.source < b.source ? -1 : 1;
}

/** Of events in the order of writers, the last one of each name. */
export function lastOfEach<Event>(
  events: readonly Event[],
  nameOf: (event: Event) => string,
): readonly Event[] {
  return events.filter(
    (event, index) => !events.slice(index + 1).some((later) => nameOf(later) === nameOf(event)),
  );
}
