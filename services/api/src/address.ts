import { type Definitions, Fault, type Kpi, type KpiVariant, kpiOf, kpisOf } from '@kpi/core';

import { nearNames } from './near.ts';

/** One published number: a KPI and which of its variants. */
export interface Address {
  readonly kpi: Kpi;
  readonly variant: KpiVariant;
}

/** Longer ids are nobody's. */
const ID_CHARS_MAX = 80;

/** `customer_churn_rate` or `customer_churn_rate.net`. Throws `kpi_unknown` with the names that are near. */
export function findAddress(id: string, definitions: Definitions): Address {
  const [kpiId = '', ...rest] = id.slice(0, ID_CHARS_MAX).split('.');
  const kpi = kpiOf(kpiId, definitions);
  const variant = kpi?.variants.find(({ name }) => name === rest.join('.'));
  if (kpi !== undefined && variant !== undefined) return { kpi, variant };
  const near = nearNames(id.slice(0, ID_CHARS_MAX), allIds(definitions));
  const hint = near.length === 0 ? 'GET /v1/kpis lists them' : `near: ${near.join(', ')}`;
  throw new Fault('kpi_unknown', `there is no KPI with this id; ${hint}`, { path: '/params/id' });
}

/** How a variant is addressed. */
export function idOf({ kpi, variant }: Address): string {
  return variant.name === '' ? kpi.id : `${kpi.id}.${variant.name}`;
}

function allIds(definitions: Definitions): readonly string[] {
  return kpisOf(definitions).flatMap((kpi) =>
    kpi.variants.map((variant) => idOf({ kpi, variant })),
  );
}
