import { type Readable } from 'node:stream';

import { type HistoryConfig, connect, reach } from './connection.ts';
import { type ConsumerView } from './consumer-views.ts';
import { sqlText } from './sql-text.ts';

/** Formats that ClickHouse writes itself, by the name users know. */
const FORMATS = {
  parquet: 'Parquet',
  arrow: 'Arrow',
  csv: 'CSVWithNames',
  ndjson: 'JSONEachRow',
} as const;

export type ExportFormat = keyof typeof FORMATS;

/** Rows of one tenant of a view. */
export interface ExportQuery {
  readonly view: ConsumerView;
  readonly tenantId: string;
  /** Names of columns of the view, in the order wanted. */
  readonly columns: readonly string[];
  readonly format: ExportFormat;
  /** Rows whose time is in `[from, to)`, ms; absent is no bound. */
  readonly from?: number;
  readonly to?: number;
  /** Aborting stops the query and the stream. */
  readonly signal: AbortSignal;
}

/** Views for consumers, written out. */
export interface Exports {
  /**
   * The file as a stream of bytes that is read as fast as it is taken. It begins once the store has the whole result, so that
   * a failure is never a file that ends early. Throws `history_unreachable`.
   */
  open(query: ExportQuery): Promise<Readable>;
  close(): Promise<void>;
}

/** The largest exports take minutes before their first byte. */
const EXPORT_MS_MAX = 600_000;
/** Bytes of a result that a server keeps in memory; the rest waits in a file of its own. */
const RESULT_BYTES_IN_MEMORY = '1048576';

export function createExports(config: HistoryConfig): Exports {
  const client = connect(config, { deadlineMs: EXPORT_MS_MAX });
  const database = config.KPI_CLICKHOUSE_DATABASE;
  return {
    async open({ view, tenantId, columns, format, from, to, signal }) {
      const result = await reach(
        'export',
        client.exec({
          query: sqlText('queries/export-view.sql', database)
            .replaceAll('{{columns}}', () => columns.map(quote).join(', '))
            .replaceAll('{{time}}', quote(view.time))
            .replaceAll('{{format}}', FORMATS[format]),
          query_params: {
            view: view.name,
            tenant_id: tenantId,
            from: from ?? null,
            to: to ?? null,
          },
          abort_signal: signal,
          clickhouse_settings: {
            cancel_http_readonly_queries_on_client_close: 1,
            wait_end_of_query: 1,
            buffer_size: RESULT_BYTES_IN_MEMORY,
            max_execution_time: EXPORT_MS_MAX / 1_000,
            date_time_output_format: 'iso',
            output_format_json_quote_64bit_integers: 0,
            // Not every reader of Arrow has a decompressor.
            output_format_arrow_compression_method: 'none',
            output_format_arrow_string_as_string: 1,
            output_format_parquet_string_as_string: 1,
          },
        }),
      );
      return result.stream;
    },
    close: () => client.close(),
  };
}

/** Names come from the declaration of the views and need no escape. */
function quote(name: string): string {
  return `\`${name}\``;
}
