import {
  type ComponentRow,
  type Definitions,
  type KpiEvent,
  type KpiQuery,
  type OwnEvents,
  type OwnFilter,
  type OwnKpi,
  type OwnSide,
} from '@kpi/core';

import { type LoggedEvent } from './core-engine.ts';
import { NaiveAccount, isInternal } from './naive-account.ts';
import { effectiveEvents } from './naive-events.ts';
import { asOneKnew } from './naive-merges.ts';
import { NaiveRates, utcDate } from './naive-money.ts';

type Split = Pick<KpiQuery, 'by' | 'filter'>;

/** One counted thing: an event, or who entered a cohort. */
interface Counted {
  readonly event: KpiEvent;
  readonly dimensions: Readonly<Record<string, string>>;
}

/** KPIs of one's own by the words of their declarations, found anew at every question; shares nothing with the engines. */
export class NaiveOwn {
  readonly #events: readonly KpiEvent[];
  readonly #rates: NaiveRates;
  readonly #accounts: ReadonlyMap<string, NaiveAccount>;
  readonly #definitions: Definitions;

  constructor(log: readonly LoggedEvent[], definitions: Definitions) {
    const events = asOneKnew(effectiveEvents(log));
    this.#rates = new NaiveRates(events);
    this.#events = events.filter(({ account_id: id }) => id === null || !isInternal(id, events));
    const ids = new Set(events.flatMap(({ account_id: id }) => id ?? []));
    this.#accounts = new Map([...ids].map((id) => [id, new NaiveAccount(id, events, definitions)]));
    this.#definitions = definitions;
  }

  /** All values that a dimension takes. */
  valuesOf(own: OwnKpi, name: string): readonly string[] {
    const all = this.#events.map((event) => this.#counted(own, event).dimensions[name] ?? '');
    return [...new Set(all)].toSorted();
  }

  rows(own: OwnKpi, windowMs: number, asked: Split & { asOf: number }): readonly ComponentRow[] {
    const { by, filter, asOf } = asked;
    const all = own.type === 'cohort_ratio' ? this.#entrants(own, asOf) : this.#events;
    const counted = all
      .map((event) => this.#counted(own, event))
      .filter(({ dimensions }) =>
        Object.entries(filter).every(([name, values]) => values.includes(dimensions[name] ?? '')),
      );
    const groups = Map.groupBy(counted, ({ dimensions }) =>
      JSON.stringify(by.map((name) => dimensions[name] ?? '')),
    );
    return [...groups].map(([name, members]) => ({
      asOf,
      group: JSON.parse(name),
      components: this.#components(
        own,
        members.map(({ event }) => event),
        { t: asOf, windowMs },
      ),
    }));
  }

  #counted(own: OwnKpi, event: KpiEvent): Counted {
    const plan = this.#accounts.get(event.account_id ?? '')?.plan(event.occurred_at) ?? '(none)';
    const dimensions = own.dimensions.map(({ name, field }) => {
      const text = (fieldOf(event, field) ?? '').replaceAll(/\p{Cc}/gu, ' ');
      const shown = Array.from(text).slice(0, 64).join('') || '(none)';
      return [name, field === 'account.plan' ? plan : shown];
    });
    return { event, dimensions: Object.fromEntries(dimensions) };
  }

  #components(
    own: OwnKpi,
    events: readonly KpiEvent[],
    { t, windowMs }: { t: number; windowMs: number },
  ): ComponentRow['components'] {
    if (own.type === 'cohort_ratio') {
      const shift = own.horizonMs;
      const entered = events.filter(
        ({ occurred_at: at }) => t - shift - windowMs <= at && at < t - shift,
      );
      const immature = events.filter(({ occurred_at: at }) => t - shift <= at && at < t);
      const converted = entered.filter((event) => this.#isConverted(own, event));
      return {
        entered: BigInt(entered.length),
        converted: BigInt(converted.length),
        immature: BigInt(immature.length),
      };
    }
    const inside = events.filter(({ occurred_at: at }) => t - windowMs <= at && at < t);
    switch (own.type) {
      case 'count':
        return this.#side('events', own, inside);
      case 'distinct':
        return this.#side(`${own.of}s`, own, inside);
      case 'sum':
        return this.#side('sum', own, inside);
      case 'mean': {
        const values = among(own.events, inside).flatMap((event) => numberOf(event, own.of) ?? []);
        const scores = values.filter((value) => Math.abs(value) <= 10_000);
        return {
          sum: total(scores),
          squares: total(scores.map((score) => score ** 2)),
          events: BigInt(scores.length),
          out_of_range: BigInt(values.length - scores.length),
        };
      }
      case 'ratio': {
        const [numerator, denominator] = [
          this.#side('numerator', own.numerator, inside),
          this.#side('denominator', own.denominator, inside),
        ];
        const unpriced = (numerator['no_fx_rate'] ?? 0n) + (denominator['no_fx_rate'] ?? 0n);
        return { ...numerator, ...denominator, no_fx_rate: unpriced };
      }
    }
  }

  #side(name: string, side: OwnSide, inside: readonly KpiEvent[]): ComponentRow['components'] {
    const events = among(side.events, inside);
    if (side.type === 'count') return { [name]: BigInt(events.length) };
    if (side.type === 'distinct') {
      const units = events.flatMap((event) => entityOf(event, side.of) ?? []);
      return { [name]: BigInt(new Set(units).size) };
    }
    const stated = events.filter((event) => numberOf(event, side.of) !== undefined);
    const count = { [`${name}_events`]: BigInt(stated.length) };
    const values = (of: readonly KpiEvent[]) => of.map((event) => numberOf(event, side.of) ?? 0);
    if (!side.of.endsWith('_minor')) return { ...count, [name]: total(values(stated)) };
    const days = Map.groupBy(stated, (event) =>
      JSON.stringify([fieldOf(event, 'currency') ?? '', utcDate(event.occurred_at)]),
    );
    let [sum, unpriced] = [0n, 0n];
    for (const [day, members] of days) {
      const [from, date]: [string, string] = JSON.parse(day);
      const pair = { from, to: this.#definitions.reportingCurrency };
      const amount = this.#rates.convert(total(values(members)), pair, date);
      sum += amount ?? 0n;
      if (amount === undefined) unpriced += BigInt(members.length);
    }
    return { ...count, [name]: sum, no_fx_rate: unpriced };
  }

  /** First entries before t. */
  #entrants(own: OwnKpi & { type: 'cohort_ratio' }, t: number): readonly KpiEvent[] {
    const entries = among(own.entry, this.#events)
      .filter(({ occurred_at: at }) => at < t)
      .toSorted(
        (a, b) =>
          a.occurred_at - b.occurred_at ||
          Number(a.event_id > b.event_id) - Number(a.event_id < b.event_id) ||
          Number(a.source > b.source) - Number(a.source < b.source),
      );
    const firsts = new Map<string, KpiEvent>();
    for (const event of entries) {
      const who = entityOf(event, own.per);
      if (who !== undefined && !firsts.has(who)) firsts.set(who, event);
    }
    return [...firsts.values()];
  }

  #isConverted(own: OwnKpi & { type: 'cohort_ratio' }, entry: KpiEvent): boolean {
    const from = entry.occurred_at;
    return among(own.converted, this.#events).some(
      (event) =>
        entityOf(event, own.per) === entityOf(entry, own.per) &&
        from <= event.occurred_at &&
        event.occurred_at < from + own.horizonMs,
    );
  }
}

function among({ event: type, where }: OwnEvents, events: readonly KpiEvent[]) {
  return events.filter(
    (event) => event.event_type === type && where.every((filter) => isSuch(filter, event)),
  );
}

function isSuch({ field, is, values }: OwnFilter, event: KpiEvent): boolean {
  const text = fieldOf(event, field);
  const isListed = text !== undefined && values.map(String).includes(text);
  if (is === 'in') return isListed;
  if (is === 'not_in') return !isListed;
  const number = numberOf(event, field);
  const limit = Number(values[0]);
  return number !== undefined && (is === 'greater' ? number > limit : number < limit);
}

function fieldOf(event: KpiEvent, field: string): string | undefined {
  const [, attribute] = field.split('attributes.');
  const value: unknown =
    attribute === undefined ? Reflect.get(event, field) : event.attributes[attribute];
  if (typeof value === 'string') return value;
  return typeof value === 'number' || typeof value === 'boolean' ? `${value}` : undefined;
}

function numberOf(event: KpiEvent, field: string): number | undefined {
  const text = fieldOf(event, field) ?? '';
  return /^-?[0-9]{1,15}$/.test(text) ? Number.parseInt(text, 10) : undefined;
}

/** Who did it: an account, or a user within the account that the event names. */
function entityOf({ account_id, user_id }: KpiEvent, of: 'account' | 'user'): string | undefined {
  if (account_id === null) return undefined;
  if (of === 'account') return account_id;
  return user_id === null ? undefined : JSON.stringify([account_id, user_id]);
}

function total(values: readonly number[]): bigint {
  return values.reduce((sum, value) => sum + BigInt(value), 0n);
}
