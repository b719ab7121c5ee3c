import {
  type ComponentRow,
  type Dimensions,
  type Kpi,
  type KpiQuery,
  type KpiValue,
  PART,
  bucketEnd,
  filterOf,
  kpisOf,
  resolutionMs,
} from '@kpi/core';
import { type LiveView } from '@kpi/redis';
import { toEnvelope } from '@kpi/values';

/** A value and the place it is published at: tenant, KPI, window, dimension and its value. */
export interface EvaluatedValue {
  readonly address: string;
  readonly value: KpiValue;
}

/** Groups of one dimension that are published, beside all others together; each of those can be asked for. */
const GROUPS_MAX = 200;

/** Every value that is published for a tenant: each KPI, variant and live window, in all and by each single dimension. */
export function evaluate(
  view: LiveView,
  tenantId: string,
  nowMs: number,
): readonly EvaluatedValue[] {
  return kpisOf(view.definitionsOf(tenantId)).flatMap((kpi) =>
    kpi.windows.flatMap((windowMs) =>
      [undefined, ...kpi.dimensions].flatMap((dimension) =>
        evaluateSplit(view, { kpi, tenantId, windowMs, dimension, nowMs }),
      ),
    ),
  );
}

interface Split {
  readonly kpi: Kpi;
  readonly tenantId: string;
  readonly windowMs: number;
  readonly dimension: string | undefined;
  readonly nowMs: number;
}

function evaluateSplit(view: LiveView, split: Split): readonly EvaluatedValue[] {
  const { kpi, tenantId, windowMs, dimension, nowMs } = split;
  const to = bucketEnd(nowMs, resolutionMs(windowMs));
  const by = dimension === undefined ? [] : [dimension];
  const definitions = view.definitionsOf(tenantId);
  const query = {
    tenantId,
    kpiId: kpi.id,
    windowMs,
    asOf: [to],
    clipAt: nowMs,
    by,
    filter: {},
    definitions,
  };
  const filter = filterOf(kpi, query);
  const rows = fewRows(view, { ...query, filter }, kpi);
  const pinned = Object.fromEntries(
    Object.entries(filter).flatMap(([name, [value, ...more]]) =>
      value !== undefined && more.length === 0 ? [[name, value]] : [],
    ),
  );
  const moment = {
    to,
    asOf: nowMs,
    computedAt: nowMs,
    servedFrom: 'live',
    revision: 0,
    sources: Object.fromEntries(view.lastEvents(tenantId, kpi.events)),
  } as const;
  return rows.flatMap((row) => {
    const segment: Dimensions = {
      ...pinned,
      ...(dimension === undefined ? {} : { [dimension]: row.group[0] ?? '' }),
    };
    return kpi.variants.map((variant) => {
      const value = toEnvelope(
        { kpi, variant, windowMs, segment, definitions },
        row.components,
        moment,
      );
      return {
        address: [
          tenantId,
          value.kpi_id,
          String(windowMs),
          dimension ?? '',
          row.group[0] ?? '',
        ].join(PART),
        value,
      };
    });
  });
}

/** Which groups are published does not change while others grow: a value that is no longer published would stay as it was. */
function fewRows(view: LiveView, query: KpiQuery, kpi: Kpi): readonly ComponentRow[] {
  const rows = view.read(query);
  if (rows.length <= GROUPS_MAX) return rows;
  const few = rows.slice(0, GROUPS_MAX);
  const [dimension = ''] = query.by;
  const keep = { [dimension]: few.flatMap(({ group }) => group) };
  const isPooled = kpi.defaultFilter[dimension] === undefined && view.canAnswer({ ...query, keep });
  return isPooled ? view.read({ ...query, keep }) : few;
}

/** Figures of a value that are compared; more digits would publish the passing of time as news. */
const COMPARED_DIGITS = 4;

/** The value to publish, its revision counted; undefined when it says nothing new. */
export function revise(value: KpiValue, published: KpiValue | undefined): KpiValue | undefined {
  if (published === undefined || published.window.to !== value.window.to)
    return { ...value, revision: 0 };
  return gist(value) === gist(published)
    ? undefined
    : { ...value, revision: published.revision + 1 };
}

/** What of a value is news. The person-time of an open window grows with every moment; its rate is news, itself it is not. */
function gist(value: KpiValue): string {
  const rounded = value.value === null ? null : value.value.toPrecision(COMPARED_DIGITS);
  return JSON.stringify([
    value.definition_version,
    rounded,
    value.numerator,
    value.n,
    value.status,
    value.immature_n,
    value.excluded,
  ]);
}
