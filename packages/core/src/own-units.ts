import { type AccountState, pieceAt } from './account.ts';
import { type UnitList, type UnitOptions } from './contribution.ts';
import { type Definitions } from './definitions.ts';
import { DAY_MS } from './duration.ts';
import { ENTITY, entityParts, isEntity } from './entity.ts';
import { EVENT_TYPES, type EventType } from './event-types.gen.ts';
import { compareText, type Fact, isKind } from './fact.ts';
import { type FactSource, effectiveFacts } from './home.ts';
import { type OwnEvent, isAmongEvents } from './own-events.ts';
import { type OwnEntity, type OwnKpi, ownMeasures } from './own-kpi.ts';

/** One that entered a cohort, and whether it converted in time. */
export interface OwnEntrant {
  readonly kpiId: string;
  readonly entry: OwnEvent;
  readonly isConverted: boolean;
}

/** Which events of a home histories are made of: those near a change, for what is further away is the same before and after it. */
export interface OwnScope {
  readonly types: ReadonlySet<EventType>;
  /** UTC days, ends included. */
  readonly fromDay: number;
  readonly toDay: number;
}

export const EVERYTHING: OwnScope = {
  types: new Set(EVENT_TYPES),
  fromDay: -Infinity,
  toDay: Infinity,
};

/** Each event of one entity. */
export function ownEvents(
  entity: string,
  facts: readonly Fact[],
  state: AccountState,
): readonly OwnEvent[] {
  const { type } = placeOf(entity);
  if (type === undefined) return [];
  return facts.flatMap((fact) =>
    isKind(fact, 'event')
      ? [
          {
            type,
            at: fact.at,
            user: fact.user,
            fields: fact.fields,
            plan: pieceAt(state, fact.at).plan,
          },
        ]
      : [],
  );
}

/**
 * What the entities of a change bear on; undefined when no KPI of one's own is concerned. A distinct count sees of an event only
 * those within a window of it.
 */
export function ownScopeOf(
  entities: Iterable<string>,
  { ownKpis }: Definitions,
): OwnScope | undefined {
  if (ownKpis.length === 0) return undefined;
  const types = new Set<EventType>();
  let [first, last] = [Infinity, -Infinity];
  for (const entity of entities) {
    if (!isEntity(entity, ENTITY.own)) continue;
    const { type, day } = placeOf(entity);
    if (type !== undefined) types.add(type);
    first = Math.min(first, day);
    last = Math.max(last, day);
  }
  if (types.size === 0) return undefined;
  const reachDays = 1 + Math.ceil(Math.max(...ownKpis.flatMap(({ windows }) => windows)) / DAY_MS);
  return { types, fromDay: first - reachDays, toDay: last + reachDays };
}

/** Units that are made of many events of a home: the account, its users, and who entered a cohort. Always in this order. */
export function ownHistories(
  home: FactSource,
  options: UnitOptions,
  scope: OwnScope,
): readonly UnitList[] {
  const { account, hasAccount, definitions } = options;
  const { ownKpis } = definitions;
  if (ownKpis.length === 0) return [];
  const reader = new HomeReader(home, account.state);
  const isCounted = !account.state.isInternal;
  const near = (per: OwnEntity): readonly OwnEvent[] =>
    isCounted && isToldApart(ownKpis, per) ? reader.eventsIn(scope) : [];
  const ofAccount = hasAccount ? near('account') : [];
  return [
    { name: 'own_account', units: ofAccount.length === 0 ? [] : [{ events: ofAccount }] },
    { name: 'own_user', units: byUser(near('user')).map(([, events]) => ({ events })) },
    { name: 'own_entrant', units: isCounted ? entrants(reader, options, scope) : [] },
  ];
}

/** Whether some KPI counts accounts or users. */
function isToldApart(ownKpis: readonly OwnKpi[], per: OwnEntity): boolean {
  return ownKpis.some((kpi) => ownMeasures(kpi).some((measure) => measure.per === per));
}

function entrants(
  reader: HomeReader,
  { definitions, hasAccount }: UnitOptions,
  { types }: OwnScope,
): readonly OwnEntrant[] {
  return definitions.ownKpis.flatMap((kpi): readonly OwnEntrant[] => {
    if (kpi.type !== 'cohort_ratio') return [];
    const { id: kpiId, entry, converted, per, horizonMs } = kpi;
    if (per === 'account' && !hasAccount) return [];
    if (!types.has(entry.event) && !types.has(converted.event)) return [];
    const firsts = new Map<string, OwnEvent>();
    const inTime = new Set<string>();
    const whoOf = ({ user }: OwnEvent): string | undefined =>
      per === 'account' ? '' : user || undefined;
    for (const event of reader.eventsOf(entry.event)) {
      const who = whoOf(event);
      if (who !== undefined && !firsts.has(who) && isAmongEvents(entry, event))
        firsts.set(who, event);
    }
    for (const event of reader.eventsOf(converted.event)) {
      const who = whoOf(event);
      const first = who === undefined ? undefined : firsts.get(who);
      if (who === undefined || first === undefined || inTime.has(who)) continue;
      const isInTime = first.at <= event.at && event.at < first.at + horizonMs;
      if (isInTime && isAmongEvents(converted, event)) inTime.add(who);
    }
    return [...firsts].map(([who, first]) => ({
      kpiId,
      entry: first,
      isConverted: inTime.has(who),
    }));
  });
}

/** Effective events of a home by type, in order of occurrence; each type is read once. */
class HomeReader {
  readonly #home: FactSource;
  readonly #state: AccountState;
  readonly #byType = new Map<EventType, readonly OwnEvent[]>();

  constructor(home: FactSource, state: AccountState) {
    this.#home = home;
    this.#state = state;
  }

  eventsIn({ types, fromDay, toDay }: OwnScope): readonly OwnEvent[] {
    return this.#read(
      ({ type, day }) => type !== undefined && types.has(type) && fromDay <= day && day <= toDay,
    );
  }

  eventsOf(eventType: EventType): readonly OwnEvent[] {
    const known = this.#byType.get(eventType);
    if (known !== undefined) return known;
    const read = this.#read(({ type }) => type === eventType);
    this.#byType.set(eventType, read);
    return read;
  }

  /** Within a day facts are in order. */
  #read(isWanted: (place: Place) => boolean): readonly OwnEvent[] {
    const places = [...this.#home.entities()]
      .filter((entity) => isEntity(entity, ENTITY.own))
      .map((entity) => ({ entity, place: placeOf(entity) }))
      .filter(({ place }) => isWanted(place))
      .toSorted((a, b) => a.place.day - b.place.day || compareText(a.entity, b.entity));
    return places.flatMap(({ entity }) =>
      ownEvents(entity, effectiveFacts(this.#home, entity), this.#state),
    );
  }
}

/** Events that name a user, by user, in the order of their names. */
function byUser(events: readonly OwnEvent[]): readonly (readonly [string, readonly OwnEvent[]])[] {
  const named = events.filter(({ user }) => user !== '');
  return [...Map.groupBy(named, ({ user }) => user)].toSorted(([a], [b]) => compareText(a, b));
}

interface Place {
  readonly type: EventType | undefined;
  readonly day: number;
}

function placeOf(entity: string): Place {
  const [, name, day] = entityParts(entity);
  return { type: EVENT_TYPES.find((type) => type === name), day: Number(day) };
}
