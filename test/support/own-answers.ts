import { type Definitions, type KpiQuery, type OwnKpi, resolutionMs } from '@kpi/core';

import { type LoggedEvent } from './core-engine.ts';
import { type ExpectedAnswer, type Picks, boundariesOf, pickInstants } from './inquiry.ts';
import { NaiveOwn } from './naive-own.ts';

interface Asked {
  readonly tenantId: string;
  readonly definitions: Definitions;
  /** Instants per window. */
  readonly chosen: Picks;
  /** Windows beside the live ones. */
  readonly moreWindows?: readonly number[];
}

/** Every question about every KPI of one's own with what its declaration says: whole, split by each dimension and all, filtered. */
export function* expectedOwnAnswers(
  log: readonly LoggedEvent[],
  { tenantId, definitions, chosen, moreWindows = [] }: Asked,
): Generator<ExpectedAnswer> {
  const naive = new NaiveOwn(log, definitions);
  for (const own of definitions.ownKpis) {
    for (const windowMs of [...own.windows, ...moreWindows]) {
      const instants = boundariesOf(log, shiftsOf(own, windowMs), resolutionMs(windowMs));
      const asOf = pickInstants(instants, chosen);
      for (const split of splitsOf(own, naive)) {
        const query = { tenantId, kpiId: own.id, windowMs, asOf, definitions, ...split };
        const rows = asOf.flatMap((t) => naive.rows(own, windowMs, { ...split, asOf: t }));
        yield { query, rows };
      }
    }
  }
}

function shiftsOf(own: OwnKpi, windowMs: number): readonly number[] {
  return own.type === 'cohort_ratio' ? [0, own.horizonMs, own.horizonMs + windowMs] : [0, windowMs];
}

function splitsOf(own: OwnKpi, naive: NaiveOwn): readonly Pick<KpiQuery, 'by' | 'filter'>[] {
  const names = own.dimensions.map(({ name }) => name);
  return [
    { by: [], filter: {} },
    ...names.map((name) => ({ by: [name], filter: {} })),
    ...(names.length > 1 ? [{ by: names, filter: {} }] : []),
    ...names.flatMap((name) => {
      const values = naive.valuesOf(own, name);
      return [
        { by: [], filter: { [name]: values.slice(0, 1) } },
        { by: names, filter: { [name]: values.slice(-1) } },
        { by: [], filter: { [name]: values.slice(0, 2) } },
      ];
    }),
  ];
}
