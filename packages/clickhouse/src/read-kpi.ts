import { type ClickHouseClient } from '@clickhouse/client';
import { type ComponentRow, Fault, type KpiQuery, kpiOf } from '@kpi/core';
import { z } from 'zod';

import { reach } from './connection.ts';
import { sqlText } from './sql-text.ts';

export interface ReadOptions {
  /** Exclusive last offset by `topic:partition`: history as of these offsets. Absent or empty: all of it. */
  readonly offsetBound?: Readonly<Record<string, number>>;
  readonly signal?: AbortSignal;
}

/** "Not clipped": later than any as-of time. */
const NEVER_MS = Number.MAX_SAFE_INTEGER;

/** Integers come as text, because they may be wider than a double. */
const ROW = z
  .object({ as_of: z.string().transform(Number), group: z.array(z.string()) })
  .catchall(z.string().transform(BigInt));

/**
 * Components of a KPI from history, one row per as-of time and group that holds anything.
 * Throws `kpi_unknown`, `dimension_unknown`, `history_unreachable`.
 */
export async function readKpi(
  client: ClickHouseClient,
  database: string,
  query: KpiQuery,
  options: ReadOptions = {},
): Promise<readonly ComponentRow[]> {
  checkDimensions(query);
  if (query.asOf.length === 0) return [];
  const result = await reach(
    'read',
    client.query({
      query: sqlText(`kpis/${query.kpiId}.sql`, database),
      query_params: parametersOf(query, options),
      format: 'JSONEachRow',
      ...(options.signal === undefined ? {} : { abort_signal: options.signal }),
    }),
  );
  const rows = z.array(ROW).parse(await reach('read', result.json()));
  return rows.map(({ as_of: asOf, group, ...components }) => ({ asOf, group, components }));
}

/** One set of names for all queries; a query uses those in its header. */
function parametersOf(query: KpiQuery, options: ReadOptions): Record<string, unknown> {
  const { definitions } = query;
  return {
    tenant_id: query.tenantId,
    as_of: query.asOf,
    window_ms: query.windowMs,
    clip_at: query.clipAt ?? NEVER_MS,
    by: query.by,
    filter: query.filter,
    offset_bound: options.offsetBound ?? {},
    horizon_ms: definitions.completion.horizonMs,
    grace_ms: definitions.completion.graceMs,
    pause_limit: definitions.churn.pauseLimitMs,
    tenure_edges: definitions.tenureEdgesMs,
    training_courses: definitions.trainingCourses,
    reporting_currency: definitions.reportingCurrency,
  };
}

/** Names of dimensions are from an allow-list, though they only ever are values of parameters. */
function checkDimensions({ kpiId, by, filter }: KpiQuery): void {
  const kpi = kpiOf(kpiId);
  if (kpi === undefined) throw new Fault('kpi_unknown', `there is no KPI ${kpiId}`);
  const unknown = [...by, ...Object.keys(filter)].find((name) => !kpi.dimensions.includes(name));
  if (unknown !== undefined) {
    throw new Fault('dimension_unknown', `${kpiId} has no dimension ${unknown}`);
  }
}
