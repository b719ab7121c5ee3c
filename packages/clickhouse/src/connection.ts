import {
  ClickHouseError,
  type ClickHouseClient,
  ClickHouseLogLevel,
  createClient,
} from '@clickhouse/client';
import { Fault } from '@kpi/core';
import { type EngineConfig } from '@kpi/runtime';

export type HistoryConfig = Pick<
  EngineConfig,
  | 'KPI_CLICKHOUSE_URL'
  | 'KPI_CLICKHOUSE_USER'
  | 'KPI_CLICKHOUSE_PASSWORD'
  | 'KPI_CLICKHOUSE_DATABASE'
>;

/** Longer than any healthy query or insert; after it the call fails as `history_unreachable`. */
const REQUEST_DEADLINE_MS = 60_000;
const CONNECTIONS_MAX = 16;

/** Errors of ClickHouse that say "not now" rather than "wrong", by code. */
const UNAVAILABLE: ReadonlySet<string> = new Set([
  '60', // UNKNOWN_TABLE: the migrations have not run yet
  '81', // UNKNOWN_DATABASE: neither have they
  '159', // TIMEOUT_EXCEEDED
  '202', // TOO_MANY_SIMULTANEOUS_QUERIES
  '209', // SOCKET_TIMEOUT
  '210', // NETWORK_ERROR
  '236', // ABORTED
  '241', // MEMORY_LIMIT_EXCEEDED
  '242', // TABLE_IS_READ_ONLY
  '243', // NOT_ENOUGH_SPACE
  '252', // TOO_MANY_PARTS
  '279', // ALL_CONNECTION_TRIES_FAILED
  '425', // SYSTEM_ERROR
  '999', // KEEPER_EXCEPTION
]);

/** The official client, by URL only. Every statement names its database, so that views can be read from anywhere. */
export function connect(
  config: HistoryConfig,
  { deadlineMs = REQUEST_DEADLINE_MS }: { readonly deadlineMs?: number } = {},
): ClickHouseClient {
  return createClient({
    url: config.KPI_CLICKHOUSE_URL,
    ...(config.KPI_CLICKHOUSE_USER === undefined ? {} : { username: config.KPI_CLICKHOUSE_USER }),
    ...(config.KPI_CLICKHOUSE_PASSWORD === undefined
      ? {}
      : { password: config.KPI_CLICKHOUSE_PASSWORD }),
    application: 'kpi-stream',
    request_timeout: deadlineMs,
    max_open_connections: CONNECTIONS_MAX,
    // What goes wrong is thrown; the client would write it to the console as well.
    log: { level: ClickHouseLogLevel.OFF },
    // The queries rely on defaults for missing join partners; a server's profile may say otherwise.
    clickhouse_settings: { join_use_nulls: 0, date_time_input_format: 'basic' },
  });
}

/**
 * Await a request and give its failure a name: a lost connection, a missed deadline or a server that is overloaded is
 * `history_unreachable`; any other error of ClickHouse is a bug of ours and passes as it is.
 */
export async function reach<T>(operation: string, request: Promise<T>): Promise<T> {
  try {
    return await request;
  } catch (error) {
    if (error instanceof ClickHouseError && !UNAVAILABLE.has(error.code)) throw error;
    throw new Fault('history_unreachable', `${operation}: ClickHouse did not answer`, {
      cause: error,
    });
  }
}
