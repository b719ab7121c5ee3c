import {
  DEFAULT_DEFINITIONS,
  type Kpi,
  KPIS,
  type KpiQuery,
  bucketEnd,
  resolutionMs,
} from '@kpi/core';

/** Every live question of a tenant at one moment: each KPI and live window, in all, by each dimension, and by all of them. */
export function liveQuestions(tenantId: string, nowMs: number): readonly KpiQuery[] {
  return KPIS.flatMap((kpi) =>
    kpi.windows.flatMap((windowMs) =>
      splits(kpi).map((by) => ({
        tenantId,
        kpiId: kpi.id,
        windowMs,
        asOf: [bucketEnd(nowMs, resolutionMs(windowMs))],
        clipAt: nowMs,
        by,
        filter: {},
        definitions: DEFAULT_DEFINITIONS,
      })),
    ),
  );
}

function splits(kpi: Kpi): readonly (readonly string[])[] {
  const single = kpi.dimensions.map((name) => [name]);
  return kpi.dimensions.length > 1 ? [[], ...single, kpi.dimensions] : [[], ...single];
}
