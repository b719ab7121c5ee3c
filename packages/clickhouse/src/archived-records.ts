import { type ClickHouseSettings } from '@clickhouse/client';
import { type EventType, Fault } from '@kpi/core';
import { z } from 'zod';

import { type HistoryConfig, connect, reach } from './connection.ts';
import { columnKindOf } from './event-columns.ts';
import { sqlText } from './sql-text.ts';

/** Offsets `[from, to)` of one partition of a topic. */
export interface OffsetRange {
  readonly topic: string;
  readonly partition: number;
  readonly from: number;
  readonly to: number;
}

/** A record as it was archived. */
export interface ArchivedRecord {
  readonly offset: number;
  /** A field of the event as it is on the wire: times in ms, absent keys null. Undefined when no event has such a field. */
  valueOf(field: string): unknown;
}

/** Records of one type and sender in a stretch of offsets. */
export interface RecordCount {
  /** 0 for the stretch that begins with the range. */
  readonly stretch: number;
  readonly tenantId: string;
  readonly eventType: string;
  readonly source: string;
  readonly records: number;
  /** Latest `occurred_at`, ms. */
  readonly lastAt: number;
}

/** Reads the records back that the archive has written. Every call may throw `history_unreachable`. */
export interface ArchivedRecords {
  /** All records of a range, counted by stretches of `step` offsets. */
  counts(range: OffsetRange, step: number): Promise<readonly RecordCount[]>;
  /** Those of some types, and all that take another event back, by offset; read as fast as they are taken. */
  read(range: OffsetRange, types: readonly EventType[]): AsyncIterable<ArchivedRecord>;
  close(): Promise<void>;
}

const COUNT = z
  .object({
    stretch: z.number(),
    tenant_id: z.string(),
    event_type: z.string(),
    source: z.string(),
    records: z.number(),
    last_at: z.number(),
  })
  .transform(
    ({ tenant_id: tenantId, event_type: eventType, last_at: lastAt, ...count }): RecordCount => ({
      ...count,
      tenantId,
      eventType,
      lastAt,
    }),
  );

/** Amounts and offsets are integers that JavaScript holds exactly. Floats that JSON does not know come as text, not as null. */
const SETTINGS: ClickHouseSettings = {
  output_format_json_quote_64bit_integers: 0,
  output_format_json_quote_denormals: 1,
};
const FLOATS: ReadonlyMap<unknown, number> = new Map([
  ['nan', Number.NaN],
  ['-nan', Number.NaN],
  ['inf', Infinity],
  ['-inf', -Infinity],
]);
/** Whoever takes the rows works on them meanwhile. */
const READ_MS_MAX = 600_000;
/** Bytes of an answer that the server keeps in memory; the rest waits in a file of its own. */
const RESULT_BYTES_IN_MEMORY = '1048576';

export function createArchivedRecords(config: HistoryConfig): ArchivedRecords {
  const client = connect(config, { deadlineMs: READ_MS_MAX });
  const database = config.KPI_CLICKHOUSE_DATABASE;
  return {
    async counts(range, step) {
      const result = await reach(
        'count records',
        client.query({
          query: sqlText('queries/read-record-counts.sql', database),
          query_params: { ...range, step },
          format: 'JSONEachRow',
          clickhouse_settings: SETTINGS,
        }),
      );
      return z.array(COUNT).parse(await reach('count records', result.json()));
    },
    async *read(range, types) {
      const result = await reach(
        'read records',
        client.query({
          query: sqlText('queries/read-records.sql', database),
          query_params: { ...range, types },
          format: 'JSONCompactEachRowWithNames',
          // An error in the middle would be text among the rows.
          clickhouse_settings: {
            ...SETTINGS,
            wait_end_of_query: 1,
            buffer_size: RESULT_BYTES_IN_MEMORY,
          },
        }),
      );
      const rows = result.stream()[Symbol.asyncIterator]();
      let places: ReadonlyMap<string, number> | undefined;
      try {
        for (;;) {
          const next = await reach('read records', rows.next());
          if (next.done === true) return;
          for (const row of next.value) {
            const values: unknown = row.json();
            if (!Array.isArray(values)) throw new Fault('store_corrupt', 'a row is not a list');
            if (places === undefined) places = placesOf(values);
            else yield new RecordOfRow(places, values);
          }
        }
      } finally {
        result.close();
      }
    },
    close: () => client.close(),
  };
}

function placesOf(names: readonly unknown[]): ReadonlyMap<string, number> {
  return new Map(names.map((name, index) => [String(name), index]));
}

class RecordOfRow implements ArchivedRecord {
  readonly #places: ReadonlyMap<string, number>;
  readonly #values: readonly unknown[];

  constructor(places: ReadonlyMap<string, number>, values: readonly unknown[]) {
    this.#places = places;
    this.#values = values;
  }

  get offset(): number {
    return Number(this.valueOf('_offset'));
  }

  valueOf(field: string): unknown {
    const place = this.#places.get(field);
    const value = place === undefined ? undefined : this.#values[place];
    return typeof value === 'string' && columnKindOf(field) === 'float' ? FLOATS.get(value) : value;
  }
}
