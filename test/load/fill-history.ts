import { readFileSync } from 'node:fs';

import { type EngineConfig } from '@kpi/runtime';

export interface HistoryWorkload {
  readonly events: number;
  readonly accounts: number;
  readonly seed: number;
  /** Event time that it covers. */
  readonly spanMs: number;
  /** When the last event arrives, ms. */
  readonly endMs: number;
  readonly onProgress: (events: number) => void;
}

const SQL = readFileSync(new URL('sql/fill-history.sql', import.meta.url), 'utf8');
const EVENTS_PER_INSERT = 1_000_000;
const INSERT_MS_MAX = 300_000;
const TOPIC = 'kpi.bench.v1';
/** As in the query. */
const PARTITIONS = 8;

/** Fill the events of a migrated database with a workload that ClickHouse makes itself: the same options, the same rows. */
export async function fillHistory(config: EngineConfig, options: HistoryWorkload): Promise<void> {
  const { events, accounts, seed, spanMs, endMs, onProgress } = options;
  for (let first = 0; first < events; first += EVENTS_PER_INSERT) {
    const last = Math.min(first + EVENTS_PER_INSERT, events);
    const url = new URL(config.KPI_CLICKHOUSE_URL);
    const parameters = { first, last, events, accounts, seed, span_ms: spanMs, end_ms: endMs };
    for (const [name, value] of Object.entries(parameters))
      url.searchParams.set(`param_${name}`, String(value));
    const response = await fetch(url, {
      method: 'POST',
      body: SQL.replaceAll('{{database}}', config.KPI_CLICKHOUSE_DATABASE),
      signal: AbortSignal.timeout(INSERT_MS_MAX),
    });
    const said = await response.text();
    if (!response.ok) throw new Error(`filling failed: ${said}`);
    onProgress(last);
  }
}

/** The offsets after all rows of a workload, by `topic:partition`. */
export function boundOf(events: number): Readonly<Record<string, number>> {
  return Object.fromEntries(
    Array.from({ length: PARTITIONS }, (_, partition) => [
      `${TOPIC}:${partition}`,
      Math.ceil((events - partition) / PARTITIONS),
    ]),
  );
}
