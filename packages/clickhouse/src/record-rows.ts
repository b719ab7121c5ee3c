import { type ClickHouseClient, type ClickHouseSettings } from '@clickhouse/client';
import { Fault } from '@kpi/core';

import { reach } from './connection.ts';
import { columnKindOf } from './event-columns.ts';

/** A record as it was archived. */
export interface ArchivedRecord {
  readonly offset: number;
  /** A field of the event as it is on the wire: times in ms, absent keys null. Undefined when no event has such a field. */
  valueOf(field: string): unknown;
}

/** Amounts and offsets are integers that JavaScript holds exactly. Floats that JSON does not know come as text, not as null. */
export const INTEGERS: ClickHouseSettings = {
  output_format_json_quote_64bit_integers: 0,
  output_format_json_quote_denormals: 1,
};
const FLOATS: ReadonlyMap<unknown, number> = new Map([
  ['nan', Number.NaN],
  ['-nan', Number.NaN],
  ['inf', Infinity],
  ['-inf', -Infinity],
]);
/** Bytes of an answer that the server keeps in memory; the rest waits in a file of its own. */
const RESULT_BYTES_IN_MEMORY = '1048576';

/** The records that a statement selects, with columns as `record_columns.sql` names them; read as fast as they are taken. */
export async function* readRecords(
  client: ClickHouseClient,
  query: {
    readonly text: string;
    readonly parameters: Record<string, unknown>;
    readonly signal?: AbortSignal;
  },
): AsyncGenerator<ArchivedRecord, void> {
  const result = await reach(
    'read records',
    client.query({
      query: query.text,
      query_params: query.parameters,
      format: 'JSONCompactEachRowWithNames',
      // An error in the middle would be text among the rows.
      clickhouse_settings: {
        ...INTEGERS,
        wait_end_of_query: 1,
        buffer_size: RESULT_BYTES_IN_MEMORY,
      },
      ...(query.signal === undefined ? {} : { abort_signal: query.signal }),
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
