import {
  type ComponentRow,
  type Definitions,
  type EventType,
  Home,
  type Kpi,
  type KpiQuery,
  type KpiVariant,
  type Member,
  MemberHomes,
  type MeasureSum,
  TenantTables,
  factsOf,
  filterOf,
  kpiOf,
  memberEventsOf,
  membersOf,
  parseHomeKey,
  statementsOf,
} from '@kpi/core';
import { recordKeys } from '@kpi/kafka';

import { type LoggedEvent } from './core-engine.ts';
import { effectiveEvents } from './naive-events.ts';
import { asOneKnew, isPlaced } from './naive-merges.ts';

/** Members of all subjects of a log. */
export class Census {
  readonly #homes: MemberHomes;
  /** Types of the events of each subject. */
  readonly #subjects: ReadonlyMap<string, ReadonlySet<EventType>>;
  readonly #tables = new TenantTables();

  constructor(log: readonly LoggedEvent[], definitions: Definitions) {
    const events = asOneKnew(effectiveEvents(log));
    this.#homes = new MemberHomes(definitions);
    for (const event of events)
      for (const key of recordKeys(event)) this.#homes.take(key, event, isPlaced(event));
    const named = events.flatMap((event) => {
      const { event_type: type } = event;
      const referred = type === 'referral.sent' ? event.referred_account_id : null;
      const subjects = recordKeys(event).map((key) => parseHomeKey(key).subject);
      return [...subjects, ...(referred === null ? [] : [referred])].map((one) => ({ one, type }));
    });
    this.#subjects = new Map(
      [...Map.groupBy(named, ({ one }) => one)].map(([subject, own]) => [
        subject,
        new Set(own.map(({ type }) => type)),
      ]),
    );
    const stated = new Home();
    for (const event of events) stated.mergeAll(factsOf(event, 0, definitions));
    for (const one of statementsOf(stated, stated.entities())) this.#tables.take(one);
  }

  /** Members of some variants of the KPI; by default of all, so that their sums are all components. */
  members(query: KpiQuery, asOf: number, variants?: readonly KpiVariant[]): readonly Member[] {
    const kpi = requireKpi(query);
    const { rates } = this.#tables;
    const asked = { ...query, kpi, asOf, rates, filter: filterOf(kpi, query) };
    const { types } = memberEventsOf(kpi);
    return [...this.#subjects].flatMap(([subject, own]) => {
      if (!types.some((type) => own.has(type))) return [];
      const home = this.#homes.of(query.tenantId, subject);
      const found = (variants ?? kpi.variants).flatMap((variant) =>
        membersOf(home, { ...asked, variant }),
      );
      return [...new Map(found.toReversed().map((member) => [member.name, member])).values()];
    });
  }

  /** What the members add up to, by group. */
  rows(query: KpiQuery): readonly ComponentRow[] {
    const kpi = requireKpi(query);
    const { rates, margins, spend } = this.#tables;
    const selected = filterOf(kpi, query);
    return query.asOf.flatMap((asOf) => {
      const counts = this.members(query, asOf).flatMap(({ counts: own }) => own);
      const groups = Map.groupBy(counts, ({ dimensions }) =>
        JSON.stringify(query.by.map((name) => dimensions[name])),
      );
      if (query.by.length === 0) groups.set('[]', groups.get('[]') ?? []);
      return [...groups].flatMap(([name, own]): readonly ComponentRow[] => {
        const group: readonly string[] = JSON.parse(name);
        const sums = Map.groupBy(own, ({ component, dimensions }) =>
          JSON.stringify([component, kpi.hidden.map((one) => dimensions[one] ?? '')]),
        );
        const components = kpi.reduce(
          [...sums].map(([key, members]): MeasureSum => {
            const [measure, hidden]: [string, readonly string[]] = JSON.parse(key);
            return {
              measure,
              hidden: Object.fromEntries(
                kpi.hidden.map((one, index) => [one, hidden[index] ?? '']),
              ),
              sum: members.reduce((sum, { weight }) => sum + BigInt(weight), 0n),
            };
          }),
          {
            asOf,
            windowMs: query.windowMs,
            definitions: query.definitions,
            rates,
            margins,
            spend,
            isSelected: (dimension, value) =>
              (selected[dimension]?.includes(value) ?? true) &&
              (!query.by.includes(dimension) || group[query.by.indexOf(dimension)] === value),
          },
        );
        const isVoid = query.by.length > 0 && Object.values(components).every((sum) => sum === 0n);
        return isVoid ? [] : [{ asOf, group, components }];
      });
    });
  }
}

function requireKpi({ kpiId, definitions }: KpiQuery): Kpi {
  const kpi = kpiOf(kpiId, definitions);
  if (kpi === undefined) throw new RangeError(`there is no KPI ${kpiId}`);
  return kpi;
}
