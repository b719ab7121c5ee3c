import {
  type ComponentRow,
  type Definitions,
  type KpiQuery,
  ceilTo,
  days,
  formatDuration,
  hours,
  kpiOf,
  resolutionMs,
} from '@kpi/core';
import * as fc from 'fast-check';

import { type LoggedEvent } from './core-engine.ts';
import { NAIVE_KPIS, type NaiveAnswer, type NaiveKpiId, NaiveKpis } from './naive-kpis.ts';

/** One KPI over one window at some instants, to be asked in every way: whole, split by each dimension and by all, filtered. */
export interface Inquiry {
  readonly kpiId: NaiveKpiId;
  readonly windowMs: number;
  readonly asOf: readonly number[];
  readonly clipAt?: number;
}

/** Material for the choice of instants: numbers without meaning. */
export type Picks = readonly number[];

export function picks(count: number): fc.Arbitrary<Picks> {
  return fc.array(fc.nat({ max: 99_999 }), { minLength: count, maxLength: count });
}

/**
 * Every KPI over every live window, with as many instants as there are picks: bucket boundaries next to an
 * event, or to an event and a distance at which it enters or leaves a window. For
 * person-time the second is clipped within its last bucket.
 */
export function inquiriesOf(
  log: readonly LoggedEvent[],
  definitions: Definitions,
  chosen: Picks,
): readonly Inquiry[] {
  return NAIVE_KPIS.flatMap((kpiId) =>
    windowsOf(kpiId).flatMap((windowMs): readonly Inquiry[] => {
      const stepMs = resolutionMs(windowMs);
      const instants = boundariesOf(log, shiftsOf(kpiId, windowMs, definitions), stepMs);
      const picked = pickInstants(instants, chosen);
      const half = kpiId === 'support_ticket_rate' ? Math.ceil(picked.length / 2) : picked.length;
      const clipped = picked.slice(half);
      const insideLast = 1 + ((chosen[0] ?? 0) % stepMs);
      return [
        { kpiId, windowMs, asOf: picked.slice(0, half) },
        ...(kpiId === 'support_ticket_rate' && clipped.length > 0
          ? [{ kpiId, windowMs, asOf: clipped, clipAt: Math.max(...clipped) - insideLast }]
          : []),
      ];
    }),
  );
}

/** As {@link inquiriesOf} for what only history answers: any window, and instants beside the edges to the millisecond. */
export function historyInquiriesOf(
  log: readonly LoggedEvent[],
  definitions: Definitions,
  chosen: Picks,
): readonly Inquiry[] {
  return NAIVE_KPIS.map((kpiId) => {
    const kpi = kpiOf(kpiId);
    const windowMs = days(3) + hours(5) + (kpi?.windowMsMin ?? kpi?.historyWindows?.[0] ?? 0);
    const edges = log.flatMap(({ event }) =>
      shiftsOf(kpiId, windowMs, definitions).flatMap((shift) =>
        [-1, 0, 1].map((beside) => event.occurred_at + shift + beside),
      ),
    );
    return { kpiId, windowMs, asOf: pickInstants(ascending(edges), chosen) };
  });
}

/** Some of the instants, ascending. */
export function pickInstants(instants: readonly number[], chosen: Picks): readonly number[] {
  return ascending(chosen.flatMap((pick) => instants[pick % instants.length] ?? []));
}

function ascending(instants: readonly number[]): readonly number[] {
  return [...new Set(instants)].toSorted((a, b) => a - b);
}

/** The live windows of a KPI, ms. */
export function windowsOf(kpiId: NaiveKpiId): readonly number[] {
  return kpiOf(kpiId)?.windows ?? [];
}

function shiftsOf(
  kpiId: NaiveKpiId,
  windowMs: number,
  {
    completion: { horizonMs },
    activation,
    acquisition,
    expansion,
    inactivityLimitMs,
    referral,
  }: Definitions,
): readonly number[] {
  switch (kpiId) {
    case 'activation_rate':
      return [0, activation.horizonMs, activation.horizonMs + windowMs];
    case 'adoption_rate':
      return [0, days(7), days(14), days(21), windowMs];
    case 'clv_observed':
      return [0, ...[28, 30, 31, 181, 182, 184].map((count) => days(count)), windowMs];
    case 'time_to_first_value':
    case 'time_to_proficiency':
      return [0, days(7), windowMs];
    case 'registered_churn_share':
      return [0, inactivityLimitMs, inactivityLimitMs + windowMs];
    case 'course_completion_rate':
      return [0, horizonMs, horizonMs + windowMs];
    case 'sales_growth_rate':
      return [0, windowMs, 2 * windowMs, days(364), days(364) + windowMs];
    case 'customer_acquisition_cost':
      return [0, windowMs, acquisition.lagMs, acquisition.lagMs + windowMs];
    case 'expansion_conversion_rate':
      return [0, expansion.graceMs, windowMs];
    case 'referral_rate':
      return [0, windowMs, referral.horizonMs, referral.horizonMs + windowMs];
    case 'clv_formula':
    case 'customer_churn_rate':
    case 'csat_score':
    case 'customer_effort_score':
    case 'nps_score':
    case 'support_ticket_rate':
      return [0, windowMs];
  }
}

/** Bucket boundaries next to an event, or to an event and a shift. */
export function boundariesOf(
  log: readonly LoggedEvent[],
  shifts: readonly number[],
  stepMs: number,
): readonly number[] {
  return ascending(
    log.flatMap(({ event }) =>
      shifts.flatMap((shift) => {
        const boundary = ceilTo(event.occurred_at + shift, stepMs);
        return [boundary - stepMs, boundary, boundary + stepMs];
      }),
    ),
  );
}

/** A question in full, with the answer of the oracle: a row for each instant, and for each of its groups that is not void. */
export interface ExpectedAnswer {
  readonly query: KpiQuery;
  readonly rows: readonly ComponentRow[];
}

interface Asked {
  readonly tenantId: string;
  readonly definitions: Definitions;
  readonly inquiries: readonly Inquiry[];
}

/** Every question of the inquiries with what the definitions say. */
export function* expectedAnswers(
  log: readonly LoggedEvent[],
  { tenantId, definitions, inquiries }: Asked,
): Generator<ExpectedAnswer> {
  const naive = new NaiveKpis(log);
  for (const inquiry of inquiries) {
    const { asOf: instants, ...rest } = inquiry;
    const answers = instants.map((asOf) => naive.at({ ...rest, asOf, definitions }));
    for (const split of splitsOf(inquiry.kpiId, answers)) {
      const query = { ...inquiry, ...split, tenantId, definitions };
      yield { query, rows: answers.flatMap((answer) => answer.rows(query)) };
    }
  }
}

/** Ways to split and filter: none, by each dimension, by all; the first value of each dimension alone, with the next, and beside the others together. */
function splitsOf(
  kpiId: NaiveKpiId,
  answers: readonly NaiveAnswer[],
): readonly Pick<KpiQuery, 'by' | 'filter' | 'keep'>[] {
  const dimensions = kpiOf(kpiId)?.dimensions ?? [];
  const filters = dimensions.flatMap((name) => {
    const values = [...new Set(answers.flatMap((answer) => answer.valuesOf(name)))];
    return values.length === 0 ? [] : [{ name, one: values.slice(0, 1), two: values.slice(0, 2) }];
  });
  return [
    { by: [], filter: {} },
    ...dimensions.map((name) => ({ by: [name], filter: {} })),
    ...(dimensions.length > 1 ? [{ by: dimensions, filter: {} }] : []),
    ...filters.flatMap(({ name, one, two }) => [
      { by: [], filter: { [name]: one } },
      { by: dimensions, filter: { [name]: one } },
      ...(two.length > 1 ? [{ by: [], filter: { [name]: two } }] : []),
      { by: [name], filter: {}, keep: { [name]: one } },
      ...(dimensions.length > 1
        ? [{ by: dimensions, filter: { [name]: two }, keep: { [name]: one } }]
        : []),
    ]),
  ];
}

/** Rows as lines of text, in order: instant, group, and the components that are not 0, by name. Void rows are left out. */
export function rowLines(rows: readonly ComponentRow[]): readonly string[] {
  return rows
    .flatMap(({ asOf, group, components }) => {
      const sums = Object.entries(components)
        .filter(([, sum]) => sum !== 0n)
        .toSorted(([a], [b]) => Number(a > b) - Number(a < b))
        .map(([name, sum]) => `${name} ${sum}`);
      return sums.length === 0
        ? []
        : [`${new Date(asOf).toISOString()} [${group.join(', ')}] ${sums.join(', ')}`];
    })
    .toSorted();
}

/** What is wrong with an answer: nothing, or one entry with the question and the lines that only one side has. */
export function faultsOf(
  { query, rows }: ExpectedAnswer,
  answered: readonly ComponentRow[],
): readonly object[] {
  const said = rowLines(answered);
  const expected = rowLines(rows);
  if (said.join('\n') === expected.join('\n')) return [];
  const { kpiId, windowMs, clipAt, by, filter, keep } = query;
  return [
    {
      question: { kpiId, window: formatDuration(windowMs), clipAt, by, filter, keep },
      answered: said.filter((line) => !expected.includes(line)),
      expected: expected.filter((line) => !said.includes(line)),
    },
  ];
}
