import { type ComponentRow, type Components, type KpiEvent, type KpiQuery } from '@kpi/core';

import { type LoggedEvent } from './core-engine.ts';
import { NaiveAccount, isInternal } from './naive-account.ts';
import { acquisitionAt } from './naive-acquisition.ts';
import { churnAt } from './naive-churn.ts';
import { completionAt } from './naive-completion.ts';
import { effectiveEvents } from './naive-events.ts';
import { asOneKnew } from './naive-merges.ts';
import { expansionAt } from './naive-expansion.ts';
import { lifetimeAt } from './naive-lifetime.ts';
import { NaiveRates } from './naive-money.ts';
import { type Part } from './naive-parts.ts';
import { activationAt, adoptionAt, registeredAt } from './naive-product.ts';
import { referralsAt } from './naive-referrals.ts';
import { observedAt } from './naive-observed.ts';
import { salesAt } from './naive-sales.ts';
import { firstValueAt, proficiencyAt } from './naive-survival.ts';
import { csatAt, effortAt, npsAt } from './naive-surveys.ts';
import { ticketsAt } from './naive-tickets.ts';

const DEFINITIONS = {
  course_completion_rate: {
    partsAt: completionAt,
    components: ['enrolled', 'completed', 'completed_to_date', 'immature', 'withdrawn'],
  },
  customer_acquisition_cost: {
    partsAt: acquisitionAt,
    components: ['spend', 'new_accounts', 'spend_records', 'no_fx_rate'],
  },
  customer_churn_rate: {
    partsAt: churnAt,
    components: [
      'start',
      'churned',
      'net_lost',
      'with_new_base',
      'with_new_churned',
      'start_mrr',
      'churned_mrr',
      'no_fx_rate',
    ],
  },
  csat_score: { partsAt: csatAt, components: ['responses', 'satisfied'] },
  clv_formula: {
    partsAt: lifetimeAt,
    components: [
      'sales',
      'purchases',
      'active_accounts',
      'start',
      'churned',
      'margin',
      'no_margin',
      'no_fx_rate',
    ],
  },
  customer_effort_score: {
    partsAt: effortAt,
    components: ['responses', 'score_sum', 'score_squares', 'easy'],
  },
  expansion_conversion_rate: {
    partsAt: expansionAt,
    components: ['onboarded', 'expanded', 'upsold', 'cross_sold'],
  },
  nps_score: {
    partsAt: npsAt,
    components: [
      'responses',
      'promoters',
      'detractors',
      'accounts',
      'account_scores',
      'account_squares',
    ],
  },
  referral_rate: {
    partsAt: referralsAt,
    components: ['onboarded', 'referrers', 'entered', 'converted', 'immature', 'customers_already'],
  },
  registered_churn_share: {
    partsAt: registeredAt,
    components: ['registered', 'dormant', 'never_active'],
  },
  adoption_rate: { partsAt: adoptionAt, components: ['onboarded', 'regular', 'immature'] },
  activation_rate: {
    partsAt: activationAt,
    components: ['entered', 'activated', 'immature', 'imported'],
  },
  sales_growth_rate: {
    partsAt: salesAt,
    components: [
      'current',
      'previous',
      'previous_yoy',
      'current_event_rates',
      'previous_event_rates',
      'previous_yoy_event_rates',
      'accounts',
      'no_fx_rate',
      'no_fx_rate_yoy',
      'no_fx_rate_event_rates',
      'no_fx_rate_yoy_event_rates',
    ],
  },
  clv_observed: {
    partsAt: observedAt,
    components: ['sales', 'accounts', 'younger', 'margin', 'no_margin', 'no_fx_rate'],
  },
  time_to_first_value: { partsAt: firstValueAt, components: ['entrants', 'reached'] },
  time_to_proficiency: { partsAt: proficiencyAt, components: ['entrants', 'reached'] },
  support_ticket_rate: {
    partsAt: ticketsAt,
    components: ['tickets', 'exposure_ms', 'accounts', 'account_not_active', 'unresolved_account'],
  },
} as const;

export type NaiveKpiId = keyof typeof DEFINITIONS;

export const NAIVE_KPIS: readonly NaiveKpiId[] = [
  'activation_rate',
  'adoption_rate',
  'clv_formula',
  'clv_observed',
  'course_completion_rate',
  'customer_acquisition_cost',
  'customer_churn_rate',
  'csat_score',
  'customer_effort_score',
  'expansion_conversion_rate',
  'nps_score',
  'referral_rate',
  'registered_churn_share',
  'sales_growth_rate',
  'support_ticket_rate',
  'time_to_first_value',
  'time_to_proficiency',
];

const USUAL: Partial<Record<NaiveKpiId, readonly [dimension: string, value: string]>> = {
  csat_score: ['context', 'general'],
  customer_effort_score: ['scale', '7_high'],
};

/** Components without which there is no line of an answer, where these are not all. */
const LINES: Partial<Record<NaiveKpiId, readonly string[]>> = {
  customer_acquisition_cost: ['new_accounts', 'spend_records'],
};

type Asked = Pick<KpiQuery, 'windowMs' | 'definitions'> & {
  readonly kpiId: NaiveKpiId;
  readonly asOf: number;
  readonly clipAt?: number;
};

/**
 * The KPIs by their definitions: take what is known at t, derive the state at t, count. Slow and plain, shares nothing with the
 * engines but the types of events and answers.
 */
export class NaiveKpis {
  readonly #events: readonly KpiEvent[];
  readonly #rates: NaiveRates;
  readonly #internal: ReadonlySet<string>;

  constructor(log: readonly LoggedEvent[]) {
    this.#events = asOneKnew(effectiveEvents(log));
    this.#rates = new NaiveRates(this.#events);
    const ids = new Set(this.#events.flatMap((event) => event.account_id ?? []));
    this.#internal = new Set([...ids].filter((id) => isInternal(id, this.#events)));
  }

  /** What a KPI counts at one instant, before grouping. */
  at(asked: Asked): NaiveAnswer {
    const { asOf: t, definitions, windowMs } = asked;
    const known = this.#events.filter((event) => event.occurred_at < t);
    const ids = new Set(known.flatMap((event) => event.account_id ?? []));
    const internal = this.#internal;
    const accounts = [...ids]
      .filter((id) => !internal.has(id))
      .map((id) => [id, new NaiveAccount(id, known, definitions)] as const);
    const { partsAt, components } = DEFINITIONS[asked.kpiId];
    const parts = partsAt({
      t,
      windowMs,
      clipAt: asked.clipAt ?? Infinity,
      known,
      timeless: this.#events,
      rates: this.#rates,
      definitions,
      accounts: new Map(accounts),
      isInternal: (id) => id !== null && internal.has(id),
    });
    return new NaiveAnswer(asked, components, { parts, rates: this.#rates });
  }
}

/** The parts of one answer, to be grouped and filtered in many ways. */
export class NaiveAnswer {
  readonly #asked: Asked;
  readonly #components: readonly string[];
  readonly #parts: readonly Part[];
  readonly #rates: NaiveRates;

  constructor(
    asked: Asked,
    components: readonly string[],
    counted: { parts: readonly Part[]; rates: NaiveRates },
  ) {
    this.#asked = asked;
    this.#components = components;
    this.#parts = counted.parts;
    this.#rates = counted.rates;
  }

  /** All values that a dimension takes. */
  valuesOf(dimension: string): readonly string[] {
    return [...new Set(this.#parts.map((part) => part.dimensions[dimension] ?? ''))].toSorted();
  }

  /** Rows in the order of their groups; without `by` exactly one, else only those that are not all zero. */
  rows(query: Pick<KpiQuery, 'by' | 'filter' | 'keep'>): readonly ComponentRow[] {
    const { by, keep = {} } = query;
    const filter = this.#filterOf(query);
    const kept = this.#parts.filter((part) =>
      Object.entries(filter).every(
        ([name, values]) => part.whatever === name || values.includes(part.dimensions[name] ?? ''),
      ),
    );
    const valuesOf = (part: Part): readonly string[] =>
      by.map((name) => {
        const value = part.dimensions[name] ?? '';
        return keep[name]?.includes(value) === false ? '(other)' : value;
      });
    const groups = Map.groupBy(
      kept.filter(({ whatever }) => whatever === undefined),
      (part) => JSON.stringify(valuesOf(part)),
    );
    if (by.length === 0) groups.set('[]', groups.get('[]') ?? []);
    return [...groups]
      .map(([name, parts]) => {
        const group: readonly string[] = JSON.parse(name);
        const others = kept.filter(
          (part) =>
            part.whatever !== undefined &&
            valuesOf(part).every(
              (value, index) => value === group[index] || part.whatever === by[index],
            ),
        );
        return { asOf: this.#asked.asOf, group, components: this.#sum([...parts, ...others]) };
      })
      .filter((row) => by.length === 0 || Object.values(row.components).some((sum) => sum !== 0n));
  }

  /** CSAT never pools contexts, nor CES scales: the usual one, unless one is named or the answer is split by it. */
  #filterOf({ by, filter }: Pick<KpiQuery, 'by' | 'filter'>): KpiQuery['filter'] {
    const [name, value] = USUAL[this.#asked.kpiId] ?? [];
    const isUsual = name !== undefined && filter[name] === undefined && !by.includes(name);
    return isUsual ? { ...filter, [name]: [value ?? ''] } : filter;
  }

  #sum(parts: readonly Part[]): Components {
    const counted = this.#sumsOf(parts, (of) => this.#sumOf(of));
    const deciding = LINES[this.#asked.kpiId] ?? this.#components;
    const isVoid = deciding.every((name) => counted[name] === 0n);
    const once = this.#sumsOf(parts, (of) => onceOf(of));
    return Object.fromEntries(
      Object.entries(counted).map(([name, sum]) => [name, isVoid ? 0n : sum + (once[name] ?? 0n)]),
    );
  }

  #sumsOf(parts: readonly Part[], sumOf: (of: readonly Part[]) => bigint): Components {
    const names = new Set([...this.#components, ...parts.map(({ component }) => component)]);
    return Object.fromEntries(
      [...names].map((name) => [name, sumOf(parts.filter((part) => part.component === name))]),
    );
  }

  #sumOf(parts: readonly Part[]): bigint {
    const units = new Set(parts.map((part) => ('distinct' in part ? part.distinct : '')));
    units.delete('');
    const plain = parts.map((part) => ('amount' in part ? BigInt(part.amount) : 0n));
    const sums = [...plain, meansOf(parts), this.#money(parts), this.#unpriced(parts)];
    return [BigInt(units.size), ...sums].reduce((a, b) => a + b, 0n);
  }

  #unpriced(parts: readonly Part[]): bigint {
    const sums = Map.groupBy(
      parts.filter((part) => 'unpriced' in part),
      (part) => JSON.stringify([part.currency, part.date, part.lot]),
    );
    const without = [...sums.values()].filter((members) => {
      const [{ currency, date } = { currency: '', date: '' }] = members;
      const pair = { from: currency, to: this.#asked.definitions.reportingCurrency };
      const sum = members.reduce((whole, part) => whole + part.unpriced, 0);
      return sum !== 0 && this.#rates.convert(1n, pair, date) === undefined;
    });
    return BigInt(without.length);
  }

  /** One sum per currency and date of the rate, rounded once each. */
  #money(parts: readonly Part[]): bigint {
    const sums = Map.groupBy(
      parts.filter((part) => 'money' in part),
      (part) => JSON.stringify([part.currency, part.date]),
    );
    let total = 0n;
    for (const members of sums.values()) {
      const [{ currency, date } = { currency: '', date: '' }] = members;
      const sum = members.reduce((whole, part) => whole + BigInt(part.money), 0n);
      const pair = { from: currency, to: this.#asked.definitions.reportingCurrency };
      total += this.#rates.convert(sum, pair, date) ?? 0n;
    }
    return total;
  }
}

function meansOf(parts: readonly Part[]): bigint {
  const byEntity = Map.groupBy(
    parts.filter((part) => 'mean' in part),
    ({ of }) => of,
  );
  let total = 0n;
  for (const members of byEntity.values()) {
    const sum = members.reduce((whole, { mean }) => whole + BigInt(mean), 0n);
    const mean = (720_720n * sum) / BigInt(members.length);
    total += mean ** BigInt(members[0]?.power ?? 1);
  }
  return total;
}

function onceOf(parts: readonly Part[]): bigint {
  const [first] = parts.flatMap((part) => ('once' in part ? [part.once] : []));
  return first ?? 0n;
}
