import { type ClickHouseClient } from '@clickhouse/client';
import { type AccountExposure, type Definitions } from '@kpi/core';

import { reach } from './connection.ts';
import { findKept } from './kept-units.ts';
import { parametersOf } from './query-parameters.ts';
import { textOverUnits } from './sql-text.ts';

export interface ExposureQuery {
  readonly tenantId: string;
  readonly definitions: Definitions;
  /** Everything is as known at this instant, ms. */
  readonly until: number;
  /** Tickets before it are not told, ms. */
  readonly ticketsFrom: number;
  readonly signal?: AbortSignal;
}

/** KPI whose event types decide exposures too. */
const SAME_TYPES = 'support_ticket_rate';

/**
 * What comparisons of person-time read: a row per account that was active before `until`, or had tickets; internal accounts are left
 * out, and an account without a name has the tickets of nobody known. From kept units where nothing has changed since, else from
 * the events. Throws `history_unreachable`.
 */
export async function readExposures(
  client: ClickHouseClient,
  database: string,
  { tenantId, definitions, until, ticketsFrom, signal }: ExposureQuery,
): Promise<readonly AccountExposure[]> {
  const kept = await findKept(client, database, { tenantId, definitions, kpiId: SAME_TYPES });
  const generation = kept !== undefined && until <= kept.holdsUntil ? kept.generation : undefined;
  const result = await reach(
    'read',
    client.query({
      query: textOverUnits(
        'queries/read-exposures.sql',
        database,
        generation === undefined ? 'units' : 'kept',
      ),
      query_params: {
        ...parametersOf({ definitions, tenants: [tenantId], offsetBound: {} }),
        until,
        tickets_from: ticketsFrom,
        ...(generation !== undefined && { generation }),
      },
      format: 'JSONCompactEachRow',
      // Instants fit a double.
      clickhouse_settings: { output_format_json_quote_64bit_integers: 0 },
      ...(signal === undefined ? {} : { abort_signal: signal }),
    }),
  );
  const rows = await reach('read', result.json<unknown>());
  return rows.map(exposureOf);
}

/** One row, its columns in their order. Checked by hand: there are millions of numbers, and a schema takes longer than the query. */
function exposureOf(row: unknown): AccountExposure {
  const [account, active, plans, completions, seats, tickets] = listOf(row);
  return {
    account: textOf(account),
    active: listOf(active).map((span) => {
      const [from, to] = listOf(span);
      return { from: numberOf(from), to: numberOf(to) };
    }),
    plans: listOf(plans).map((change) => {
      const [from, plan] = listOf(change);
      return { from: numberOf(from), plan: textOf(plan) };
    }),
    completions: listOf(completions).map((completion) => {
      const [at, user, course] = listOf(completion);
      return { at: numberOf(at), user: numberOf(user), course: textOf(course) };
    }),
    seats: listOf(seats).map((span) => {
      const [from, to, count] = listOf(span);
      return { from: numberOf(from), to: numberOf(to), seats: numberOf(count) };
    }),
    tickets: listOf(tickets).map((ticket) => {
      const [at, isOfIncident] = listOf(ticket);
      return { at: numberOf(at), isOfIncident: isOfIncident === 1 };
    }),
  };
}

function listOf(value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value;
  throw new RangeError('a column of exposures is no list');
}

function numberOf(value: unknown): number {
  if (typeof value === 'number') return value;
  throw new RangeError('a column of exposures has no number');
}

function textOf(value: unknown): string {
  if (typeof value === 'string') return value;
  throw new RangeError('a column of exposures has no text');
}
