import { type KpiValue, formatDuration } from '@kpi/core';
import { z } from 'zod';

import { type HistoryConfig, connect, reach } from './connection.ts';
import { sqlText } from './sql-text.ts';

/** One record of the topic of published values. */
export interface PublishedRow {
  readonly tenantId: string;
  readonly windowMs: number;
  /** The dimension by which the value was split, empty for a value in all, and its value. */
  readonly dimension: string;
  readonly group: string;
  readonly value: KpiValue;
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
}

/** Published values in the history store. Every call may throw `history_unreachable`, which is worth another try. */
export interface ValueHistory {
  /** Add records. Adding one again changes nothing. All are there or none. */
  insert(rows: readonly PublishedRow[], signal?: AbortSignal): Promise<void>;
  /** The offset after the last record of each partition; a partition without any is absent. */
  nextOffsets(topic: string): Promise<ReadonlyMap<number, number>>;
  /** Add all records that another database of the same server holds. Adding them again changes nothing. */
  addFrom(database: HistoryConfig['KPI_CLICKHOUSE_DATABASE']): Promise<void>;
  close(): Promise<void>;
}

const NEXT_OFFSET = z.object({ partition: z.number(), next_offset: z.string().transform(Number) });

export function createValueHistory(config: HistoryConfig): ValueHistory {
  const client = connect(config);
  const database = config.KPI_CLICKHOUSE_DATABASE;
  return {
    async insert(rows, signal) {
      if (rows.length === 0) return;
      await reach(
        'insert values',
        client.insert({
          table: `${database}.published_values`,
          values: rows.map(columnsOf),
          format: 'JSONEachRow',
          clickhouse_settings: { async_insert: 0, date_time_input_format: 'best_effort' },
          ...(signal === undefined ? {} : { abort_signal: signal }),
        }),
      );
    },
    async nextOffsets(topic) {
      const result = await reach(
        'next value offsets',
        client.query({
          query: sqlText('queries/read-next-value-offsets.sql', database),
          query_params: { topic },
          format: 'JSONEachRow',
        }),
      );
      const offsets = z.array(NEXT_OFFSET).parse(await reach('next value offsets', result.json()));
      return new Map(offsets.map(({ partition, next_offset: next }) => [partition, next]));
    },
    async addFrom(from) {
      const statement = sqlText('queries/copy-published-values.sql', database);
      await reach(
        'copy values',
        client.command({ query: statement.replaceAll('{{from}}', () => from) }),
      );
    },
    close: () => client.close(),
  };
}

function columnsOf(row: PublishedRow): Readonly<Record<string, unknown>> {
  const { value, windowMs } = row;
  return {
    tenant_id: row.tenantId,
    kpi_id: value.kpi_id,
    window_ms: windowMs,
    dimension: row.dimension,
    dimension_value: row.group,
    window_to: value.window.to,
    revision: value.revision,
    definition_version: value.definition_version,
    window: formatDuration(windowMs),
    window_from: value.window.from,
    as_of: value.as_of,
    watermark: value.watermark,
    dimensions: value.segment,
    value: value.value,
    unit: value.unit,
    currency: value.currency,
    numerator: value.numerator,
    denominator: value.denominator,
    n: value.n,
    ci_low: value.ci?.low ?? null,
    ci_high: value.ci?.high ?? null,
    ci_level: value.ci?.level ?? null,
    ci_method: value.ci?.method ?? null,
    status: value.status,
    notes: value.notes,
    immature_n: value.immature_n,
    excluded: value.excluded,
    computed_at: value.computed_at,
    _topic: row.topic,
    _partition: row.partition,
    _offset: row.offset,
  };
}
