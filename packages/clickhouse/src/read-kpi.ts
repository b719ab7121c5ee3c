import { type ClickHouseClient } from '@clickhouse/client';
import { type ComponentRow, Fault, type KpiQuery, type OwnKpi, kpiOf } from '@kpi/core';
import { z } from 'zod';

import { reach } from './connection.ts';
import { type KeptAnswers } from './kept-answers.ts';
import { isDerivedBy } from './kept-definitions.ts';
import { type DeriveOptions, type Kept, findKept } from './kept-units.ts';
import { statementOfOwn } from './own-kpis.ts';
import { parametersOf } from './query-parameters.ts';
import { textOverUnits } from './sql-text.ts';

export interface ReadOptions {
  /** Exclusive last offset by `topic:partition`: history as of these offsets. Absent or empty: all of it. */
  readonly offsetBound?: Readonly<Record<string, number>>;
  /** Units derived up to the same bound: many questions about the same offsets need not derive them each. */
  readonly derived?: Pick<DeriveOptions, 'generation' | 'definitions'>;
  readonly signal?: AbortSignal;
}

/** What questions are asked of. */
export interface KpiReader {
  readonly client: ClickHouseClient;
  readonly database: string;
  readonly answers: KeptAnswers;
}

/** Integers come as text, because they may be wider than a double. */
const count = z.string().transform(BigInt);
const ROW = z
  .object({
    as_of: z.string().transform(Number),
    group: z.array(z.string()),
    /** More components, whose names are not known before. */
    curve: z.record(z.string(), count).optional(),
  })
  .catchall(count);

/**
 * Components of a KPI from history, one row per as-of time and group that holds anything.
 * As-of times before which nothing has changed since units were kept are answered from these, all others and every bounded
 * question from the events. Before the first event there is nothing.
 * Throws `kpi_unknown`, `dimension_unknown`, `history_unreachable`.
 */
export async function readKpi(
  { client, database, answers }: KpiReader,
  query: KpiQuery,
  options: ReadOptions = {},
): Promise<readonly ComponentRow[]> {
  checkDimensions(query);
  const own = query.definitions.ownKpis.find(({ id }) => id === query.kpiId);
  if (own !== undefined) return readOwn({ client, database }, { own, query }, options);
  const kept = await keptFor(client, database, query, options);
  const ask = (asked: KpiQuery, generation?: string) =>
    readRows(client, database, asked, { ...options, generation });
  if (kept === undefined) return ask(query);
  const { generation } = kept;
  const holds = (at: number): boolean => at <= kept.holdsUntil;
  const settled: KpiQuery = { ...query, asOf: query.asOf.filter(holds) };
  const parts = await Promise.all([
    generation === undefined ? [] : answers.of(generation, settled, () => ask(settled, generation)),
    ask({ ...query, asOf: query.asOf.filter((at) => !holds(at)) }),
  ]);
  return parts.flat();
}

async function keptFor(
  client: ClickHouseClient,
  database: string,
  query: KpiQuery,
  { derived, offsetBound = {} }: ReadOptions,
): Promise<Kept | undefined> {
  if (derived !== undefined && isDerivedBy(derived.definitions ?? new Map(), query))
    return { generation: derived.generation, holdsUntil: Infinity };
  const isBounded = Object.keys(offsetBound).length > 0;
  return isBounded ? undefined : findKept(client, database, query);
}

async function readRows(
  client: ClickHouseClient,
  database: string,
  query: KpiQuery,
  {
    generation,
    offsetBound = {},
    signal,
  }: ReadOptions & { readonly generation: string | undefined },
): Promise<readonly ComponentRow[]> {
  if (query.asOf.length === 0) return [];
  const source = generation === undefined ? 'units' : 'kept';
  return rowsOf(client, {
    text: textOverUnits(`kpis/${query.kpiId}.sql`, database, source),
    parameters: {
      ...parametersOf({ ...query, tenants: [query.tenantId], offsetBound }),
      ...(generation !== undefined && { generation }),
    },
    signal,
  });
}

/** A KPI of one's own is always answered from the events: whose units would be kept is decided by each tenant. */
async function readOwn(
  { client, database }: Omit<KpiReader, 'answers'>,
  { own, query }: { readonly own: OwnKpi; readonly query: KpiQuery },
  { offsetBound = {}, signal }: ReadOptions,
): Promise<readonly ComponentRow[]> {
  if (query.asOf.length === 0) return [];
  const { text, parameters } = statementOfOwn(own, { database, ...query });
  const common = parametersOf({ ...query, tenants: [query.tenantId], offsetBound });
  return rowsOf(client, { text, parameters: { ...common, ...parameters }, signal });
}

async function rowsOf(
  client: ClickHouseClient,
  statement: {
    readonly text: string;
    readonly parameters: Record<string, unknown>;
    readonly signal: AbortSignal | undefined;
  },
): Promise<readonly ComponentRow[]> {
  const { text, parameters, signal } = statement;
  const result = await reach(
    'read',
    client.query({
      query: text,
      query_params: parameters,
      format: 'JSONEachRow',
      ...(signal === undefined ? {} : { abort_signal: signal }),
    }),
  );
  const rows = z.array(ROW).parse(await reach('read', result.json()));
  return rows.map(({ as_of: asOf, group, curve, ...components }) => ({
    asOf,
    group,
    components: { ...components, ...curve },
  }));
}

/** Names of dimensions are from an allow-list, though they only ever are values of parameters. */
function checkDimensions({ kpiId, by, filter, definitions }: KpiQuery): void {
  const kpi = kpiOf(kpiId, definitions);
  if (kpi === undefined) throw new Fault('kpi_unknown', `there is no KPI ${kpiId}`);
  const unknown = [...by, ...Object.keys(filter)].find((name) => !kpi.dimensions.includes(name));
  if (unknown !== undefined) {
    throw new Fault('dimension_unknown', `${kpiId} has no dimension ${unknown}`);
  }
}
