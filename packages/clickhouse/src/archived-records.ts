import { type EventType } from '@kpi/core';
import { z } from 'zod';

import { type HistoryConfig, connect, reach } from './connection.ts';
import { type ArchivedRecord, INTEGERS, readRecords } from './record-rows.ts';
import { sqlText } from './sql-text.ts';

/** Offsets `[from, to)` of one partition of a topic. */
export interface OffsetRange {
  readonly topic: string;
  readonly partition: number;
  readonly from: number;
  readonly to: number;
}

/** Homes of one tenant in some partitions, before given offsets. */
interface HomesPlace {
  readonly tenantId: string;
  readonly accounts: readonly string[];
  /** Users without an account. */
  readonly users: readonly string[];
  /** Whether the home of what is about neither is asked for too. */
  readonly ofNobody: boolean;
  readonly partitions: readonly number[];
  /** Exclusive last offset by `topic:partition`. */
  readonly bound: Readonly<Record<string, number>>;
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
  /** The same of some homes, wherever in their partitions, before given offsets; each with its `_partition`. */
  readHomes(place: HomesPlace, types: readonly EventType[]): AsyncIterable<ArchivedRecord>;
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

/** Whoever takes the rows works on them meanwhile. */
const READ_MS_MAX = 600_000;
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
          clickhouse_settings: INTEGERS,
        }),
      );
      return z.array(COUNT).parse(await reach('count records', result.json()));
    },
    read: (range, types) =>
      readRecords(client, {
        text: sqlText('queries/read-records.sql', database),
        parameters: { ...range, types },
      }),
    readHomes: ({ tenantId: tenant, bound: offset_bound, ofNobody: of_nobody, ...place }, types) =>
      readRecords(client, {
        text: sqlText('queries/read-home-records.sql', database),
        parameters: { tenant, offset_bound, of_nobody, ...place, types },
      }),
    close: () => client.close(),
  };
}
