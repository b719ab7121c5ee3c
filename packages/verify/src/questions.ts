import {
  type Definitions,
  type Kpi,
  type KpiQuery,
  bucketEnd,
  kpisOf,
  resolutionMs,
} from '@kpi/core';

/** What is asked of a tenant at one moment: each KPI and live window, in all and in its finest groups, of which all others are sums. */
export function liveQuestions(
  tenantId: string,
  { definitions, nowMs }: { readonly definitions: Definitions; readonly nowMs: number },
): readonly KpiQuery[] {
  return kpisOf(definitions).flatMap((kpi) =>
    kpi.windows.flatMap((windowMs) =>
      splits(kpi).map((by) => ({
        tenantId,
        kpiId: kpi.id,
        windowMs,
        asOf: [bucketEnd(nowMs, resolutionMs(windowMs))],
        clipAt: nowMs,
        by,
        filter: {},
        definitions,
      })),
    ),
  );
}

function splits(kpi: Kpi): readonly (readonly string[])[] {
  return [[], kpi.dimensions];
}
