import {
  type ComponentRow,
  type Definitions,
  type KpiQuery,
  bucketEnd,
  ceilTo,
  days,
  kpiOf,
  resolutionMs,
} from '@kpi/core';
import * as fc from 'fast-check';

import { type LoggedEvent } from './core-engine.ts';
import { NAIVE_KPIS, type NaiveKpiId, NaiveKpis } from './naive-kpis.ts';

/** One KPI over one window at one instant, asked in every way: whole, split by each dimension and by all, filtered. */
export interface Inquiry {
  readonly kpiId: NaiveKpiId;
  readonly windowMs: number;
  readonly asOf: number;
  readonly clipAt: number | undefined;
}

/** Material for the choice of inquiries: numbers without meaning. */
export type Picks = readonly number[];

export function picks(count: number): fc.Arbitrary<Picks> {
  return fc.array(fc.nat({ max: 99_999 }), { minLength: count, maxLength: count });
}

/**
 * For every KPI and live window as many instants as there are picks: bucket boundaries next to an event, or to an event
 * and the distance at which it enters or leaves a window. Every other inquiry is clipped within the last bucket.
 */
export function inquiriesOf(
  log: readonly LoggedEvent[],
  definitions: Definitions,
  chosen: Picks,
): readonly Inquiry[] {
  return NAIVE_KPIS.flatMap((kpiId) =>
    windowsOf(kpiId).flatMap((windowMs) => {
      const stepMs = resolutionMs(windowMs);
      const instants = boundariesOf(log, shiftsOf(kpiId, windowMs, definitions), stepMs);
      return chosen.map((pick, index) => ({
        kpiId,
        windowMs,
        asOf: instants[pick % instants.length] ?? bucketEnd(0, stepMs),
        clipAt:
          index % 2 === 0
            ? undefined
            : (instants[pick % instants.length] ?? 0) - 1 - (pick % stepMs),
      }));
    }),
  );
}

/** The live windows of a KPI, ms. */
export function windowsOf(kpiId: NaiveKpiId): readonly number[] {
  return kpiOf(kpiId)?.windows ?? [];
}

function shiftsOf(
  kpiId: NaiveKpiId,
  windowMs: number,
  { completion: { horizonMs } }: Definitions,
): readonly number[] {
  switch (kpiId) {
    case 'course_completion_rate':
      return [0, horizonMs, horizonMs + windowMs];
    case 'sales_growth_rate':
      return [0, windowMs, 2 * windowMs, days(364), days(364) + windowMs];
    case 'customer_churn_rate':
    case 'csat_score':
    case 'support_ticket_rate':
      return [0, windowMs];
  }
}

function boundariesOf(
  log: readonly LoggedEvent[],
  shifts: readonly number[],
  stepMs: number,
): readonly number[] {
  const near = log.flatMap(({ event }) =>
    shifts.flatMap((shift) => {
      const boundary = ceilTo(event.occurred_at + shift, stepMs);
      return [boundary - stepMs, boundary, boundary + stepMs];
    }),
  );
  return [...new Set(near)].toSorted((a, b) => a - b);
}

interface Asked {
  readonly tenantId: string;
  readonly definitions: Definitions;
  readonly inquiries: readonly Inquiry[];
}

/** A question in full, with the answer of the oracle. */
export interface ExpectedAnswer {
  readonly query: KpiQuery;
  readonly rows: readonly ComponentRow[];
}

/** Every question of the inquiries with what the definitions say. */
export function* expectedAnswers(
  log: readonly LoggedEvent[],
  { tenantId, definitions, inquiries }: Asked,
): Generator<ExpectedAnswer> {
  const naive = new NaiveKpis(log);
  for (const inquiry of inquiries) {
    const { kpiId, windowMs, asOf, clipAt } = inquiry;
    const clip = clipAt === undefined ? {} : { clipAt };
    const answer = naive.at({ kpiId, windowMs, asOf, definitions, ...clip });
    const dimensions = kpiOf(kpiId)?.dimensions ?? [];
    const whole = { tenantId, kpiId, windowMs, asOf: [asOf], definitions, ...clip };
    for (const by of [[], ...dimensions.map((name) => [name]), [...dimensions]])
      yield asked({ ...whole, by, filter: {} });
    for (const name of dimensions) {
      const [value, other] = answer.valuesOf(name);
      if (value === undefined) continue;
      yield asked({ ...whole, by: [], filter: { [name]: [value] } });
      yield asked({ ...whole, by: [...dimensions], filter: { [name]: [value] } });
      if (other === undefined) continue;
      yield asked({ ...whole, by: [], filter: { [name]: [value, other] } });
    }
    function asked(query: KpiQuery): { query: KpiQuery; rows: readonly ComponentRow[] } {
      return { query, rows: answer.rows(query) };
    }
  }
}

/** The same rows as text: groups in order, components by name. */
export function rowsText(rows: readonly ComponentRow[]): string {
  const lines = rows.map(({ asOf, group, components }) => {
    const sums = Object.entries(components)
      .toSorted(([a], [b]) => Number(a > b) - Number(a < b))
      .map(([name, sum]) => `${name} ${sum}`);
    return `${asOf} [${group.join(', ')}] ${sums.join(', ')}`;
  });
  return lines.toSorted().join('\n');
}
