import { ENTITY, PART, entityName } from './entity.ts';
import { type EventType } from './event-types.gen.ts';
import { type KpiEvent } from './events.gen.ts';
import { type FactBody } from './fact.ts';
import { type PlacedFact, ownKey } from './home.ts';
import { fieldsOf, holds, isAmongEvents } from './own-events.ts';
import { type OwnEvents, type OwnKpi, eventsRead, fieldsRead, isOfUsers } from './own-kpi.ts';
import { utcDay } from './rates.ts';

/** What the KPIs of a tenant's own read of one event type. */
interface TypeReading {
  readonly fields: readonly string[];
  /** Whether some KPI tells the users of these events apart. */
  readonly isOfUsers: boolean;
  readonly events: readonly OwnEvents[];
}

type Reading = ReadonlyMap<EventType, TypeReading>;

/** By the list of declarations itself: a tenant's is one object for as long as it is in force. */
const READINGS = new WeakMap<readonly OwnKpi[], Reading>();

function readingOf(ownKpis: readonly OwnKpi[]): Reading {
  const known = READINGS.get(ownKpis);
  if (known !== undefined) return known;
  const made = readAll(ownKpis);
  READINGS.set(ownKpis, made);
  return made;
}

function readAll(ownKpis: readonly OwnKpi[]): Reading {
  const read = ownKpis.flatMap((kpi) =>
    eventsRead(kpi).map((events) => ({
      events,
      fields: fieldsRead(kpi),
      isOfUsers: isOfUsers(kpi),
    })),
  );
  return new Map(
    [...Map.groupBy(read, ({ events }) => events.event)].map(([type, members]) => [
      type,
      {
        fields: [...new Set(members.flatMap(({ fields }) => fields))],
        events: members.map(({ events }) => events),
        isOfUsers: members.some((one) => one.isOfUsers),
      },
    ]),
  );
}

/** Event types that KPIs of one's own read. */
export function ownEventTypes(ownKpis: readonly OwnKpi[]): Iterable<EventType> {
  return readingOf(ownKpis).keys();
}

export function isReadByOwn(eventType: EventType, ownKpis: readonly OwnKpi[]): boolean {
  return ownKpis.length > 0 && readingOf(ownKpis).has(eventType);
}

/** What a glance tells of an action in the product; no version of it says otherwise. */
export interface Action {
  readonly action: string;
  readonly isValueEvent: boolean;
}

/** Whether some KPI of one's own can read an action in the product, as far as what was done and its worth tell. */
export function isActionReadByOwn(
  { action, isValueEvent }: Action,
  ownKpis: readonly OwnKpi[],
): boolean {
  if (ownKpis.length === 0) return false;
  const told = new Map([
    ['action', action],
    ['is_value_event', String(isValueEvent)],
  ]);
  const read = readingOf(ownKpis).get('product.action_performed');
  return (
    read?.events.some(({ where }) =>
      where.every((filter) => !told.has(filter.field) || holds(filter, told.get(filter.field))),
    ) === true
  );
}

/**
 * What an event says to the KPIs of one's own: undefined when none reads its type. One that none counts is a `void` fact, because
 * it may replace an earlier payload of its key that one did. Its key is another than that of what the event says to the built-in
 * KPIs, so both have their place; a retraction reaches both.
 */
export function ownFactOf(
  event: KpiEvent,
  offset: number,
  ownKpis: readonly OwnKpi[],
): PlacedFact | undefined {
  const { event_type: type } = event;
  const read = ownKpis.length === 0 ? undefined : readingOf(ownKpis).get(type);
  if (read === undefined || !canBeRead(event, ownKpis)) return undefined;
  const fields = fieldsOf(event, read.fields);
  const isRead = read.events.some((events) => isAmongEvents(events, { type, fields }));
  const body: FactBody = isRead
    ? { kind: 'event', user: read.isOfUsers ? userOf(event) : '', fields }
    : { kind: 'void' };
  const origin = {
    key: ownKey(`${event.source}${PART}${event.event_id}`),
    eventId: event.event_id,
    at: event.occurred_at,
    sourceVersion: event.source_version,
    receivedAt: event.received_at,
    offset,
  };
  return { entity: ownEntity(type, event.occurred_at), fact: { ...origin, ...body } };
}

/** Users are those of accounts: only there it is known whom one was merged into. */
function userOf({ account_id: account, user_id: user }: KpiEvent): string {
  return account === null ? '' : (user ?? '');
}

function canBeRead(event: KpiEvent, ownKpis: readonly OwnKpi[]): boolean {
  if (event.event_type !== 'product.action_performed') return true;
  const { action, is_value_event: isValueEvent } = event;
  return isActionReadByOwn({ action, isValueEvent }, ownKpis);
}

/** Events of a type on one UTC day: few enough that one more costs little, in memory as in the store. */
function ownEntity(type: EventType, at: number): string {
  return entityName(ENTITY.own, type, String(utcDay(at)));
}
