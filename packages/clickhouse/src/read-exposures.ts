import { type ClickHouseClient } from '@clickhouse/client';
import { type AccountExposure, type Definitions } from '@kpi/core';
import { z } from 'zod';

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

/** In the order of their columns: rows as arrays are a third of the text. */
const ROW = z.tuple([
  z.string(),
  z.array(z.tuple([z.number(), z.number()])),
  z.array(z.tuple([z.number(), z.string()])),
  z.array(z.tuple([z.number(), z.number(), z.string()])),
  z.array(z.tuple([z.number(), z.number(), z.number()])),
  z.array(z.tuple([z.number(), z.number()])),
]);

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
  return z
    .array(ROW)
    .parse(await reach('read', result.json()))
    .map(([account, active, plans, completions, seats, tickets]) => ({
      account,
      active: active.map(([from, to]) => ({ from, to })),
      plans: plans.map(([from, plan]) => ({ from, plan })),
      completions: completions.map(([at, user, course]) => ({ at, user, course })),
      seats: seats.map(([from, to, count]) => ({ from, to, seats: count })),
      tickets: tickets.map(([at, isOfIncident]) => ({ at, isOfIncident: isOfIncident === 1 })),
    }));
}
