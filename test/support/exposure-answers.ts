import { exposureOf } from '@kpi/comparison';
import {
  ANY_USER,
  type AccountExposure,
  type ComponentRow,
  type Definitions,
  type KpiQuery,
  days,
} from '@kpi/core';

/** Tickets and ms of active time by training, tenure and plan. */
export type ExposureSums = Readonly<Record<string, { tickets: number; ms: number }>>;

/** What comparisons count of accounts within a window that ends at `asOf`. */
export function sumsOfExposures(
  accounts: readonly AccountExposure[],
  { windowMs, asOf, definitions }: { windowMs: number; asOf: number; definitions: Definitions },
): ExposureSums {
  const { cells } = exposureOf(accounts, {
    window: { from: asOf - windowMs, to: asOf },
    rule: { ...ANY_USER, courses: definitions.trainingCourses },
    lagMs: 0,
    tenureEdgesMs: definitions.tenureEdgesMs,
    strata: ['tenure', 'plan'],
    filter: {},
    countsIncidents: true,
    prepostMs: 0,
    washoutMs: 0,
    isClustered: true,
    areLooksRepeated: false,
  });
  const sums: Record<string, { tickets: number; ms: number }> = {};
  const add = (name: string, tickets: number, time: number): void => {
    const sum = (sums[name] ??= { tickets: 0, ms: 0 });
    sum.tickets += tickets;
    sum.ms += Math.round(time * days(1));
  };
  for (const { stratum, a, t1, b, t0 } of cells) {
    if (t1 > 0) add(`true · ${stratum}`, a, t1);
    if (t0 > 0) add(`false · ${stratum}`, b, t0);
  }
  return sums;
}

/** The same as the KPI counts it, of a question split by all three dimensions. */
export function sumsOfKpi(rows: readonly ComponentRow[]): ExposureSums {
  return Object.fromEntries(
    rows.flatMap(({ group, components }) => {
      const ms = Number(components['exposure_ms'] ?? 0n);
      // Tickets of nobody, and of who is not active, have no dimensions.
      if (ms === 0) return [];
      return [[group.join(' · '), { tickets: Number(components['tickets'] ?? 0n), ms }]];
    }),
  );
}

/** The question of the KPI that tells the same. */
export function exposureQuery(of: {
  readonly tenantId: string;
  readonly windowMs: number;
  readonly asOf: number;
  readonly definitions: Definitions;
}): KpiQuery {
  return {
    ...of,
    asOf: [of.asOf],
    kpiId: 'support_ticket_rate',
    by: ['trained', 'tenure', 'plan'],
    filter: {},
  };
}
