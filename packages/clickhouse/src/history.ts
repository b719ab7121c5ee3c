import { Readable } from 'node:stream';
import { finished } from 'node:stream/promises';

import { type ClickHouseClient } from '@clickhouse/client';
import { type AccountExposure, type ComponentRow, Fault, type KpiQuery } from '@kpi/core';
import { type Logger } from '@kpi/runtime';
import { z } from 'zod';

import { type HistoryConfig, connect, reach } from './connection.ts';
import { type EventBlock, blocksOf, encodeBlocks } from './event-block.ts';
import { type EventRow } from './event-columns.ts';
import { KeptAnswers } from './kept-answers.ts';
import {
  type DeriveOptions,
  KEEPING_MS_MAX,
  type KeepOptions,
  deriveUnits,
  keepUnits,
} from './kept-units.ts';
import { Following } from './following.ts';
import { migrate } from './migrations.ts';
import { type ExposureQuery, readExposures } from './read-exposures.ts';
import { type ReadOptions, readKpi } from './read-kpi.ts';
import { sqlText } from './sql-text.ts';

/** Rows to insert once: a second insert with the same token adds nothing, whatever became of the first. */
export interface EventBatch {
  readonly blocks: readonly EventBlock[];
  /** The same for the same rows, different for any others. */
  readonly token: string;
  readonly signal?: AbortSignal;
}

/** An {@link EventBatch} of decoded events. */
export type EventRows = Omit<EventBatch, 'blocks'> & { readonly rows: readonly EventRow[] };

/** What history holds of one partition of one topic. */
export interface PartitionCount {
  readonly topic: string;
  readonly partition: number;
  readonly rows: number;
  /** Distinct (tenant, source, event id). */
  readonly events: number;
  /** One more than the highest offset. */
  readonly nextOffset: number;
}

export interface CountOptions extends ReadOptions {
  /** Absent or empty: all topics. */
  readonly topics?: readonly string[];
}

/** One partition number of several topics. */
export interface PartitionPlace {
  readonly topics: readonly string[];
  readonly partition: number;
}

/** The history store. Every call may throw `history_unreachable`, which is worth another try. */
export interface History {
  /** Create the database and bring tables and views up to date. Processes may race. */
  migrate(): Promise<void>;
  insertBlocks(batch: EventBatch): Promise<void>;
  /** The same for rows that are few. */
  insertEvents(batch: EventRows): Promise<void>;
  /** Components of a KPI for any window and as-of times; groups in which nothing counts are absent. */
  read(query: KpiQuery, options?: ReadOptions): Promise<readonly ComponentRow[]>;
  /** Accounts with their active time, plans, trainings and tickets, for comparisons. */
  exposures(query: ExposureQuery): Promise<readonly AccountExposure[]>;
  partitionCounts(options?: CountOptions): Promise<readonly PartitionCount[]>;
  /** The offset after the last row of one partition, by topic; a topic without rows is absent. */
  nextOffsets(place: PartitionPlace): Promise<ReadonlyMap<string, number>>;
  /**
   * Derive the units of all KPIs up to some offsets and keep them, so that reads need not derive them. Costs about a read of
   * every KPI over all events.
   */
  keep(options: KeepOptions): Promise<void>;
  /** The same for reads that name this generation as `derived`. */
  derive(options: DeriveOptions): Promise<void>;
  ping(): Promise<void>;
  /** Remove the database with everything in it. */
  drop(): Promise<void>;
  close(): Promise<void>;
}

/** A batch of any size stays one block per month, because blocks are what the deduplication counts. */
const BLOCK_ROWS_MAX = 10_000_000;
const BLOCK_BYTES_MAX = 4 * 1024 ** 3;
/** Imports span years, and a month is a partition. All months that a time can lie in. */
const MONTHS_MAX = 4_800;

const COUNT = z.object({
  topic: z.string(),
  partition: z.number(),
  rows: z.string().transform(Number),
  events: z.string().transform(Number),
  next_offset: z.string().transform(Number),
});

const NEXT_OFFSET = COUNT.pick({ topic: true, next_offset: true });

/** The history store behind KPI_CLICKHOUSE_URL. Nothing is sent until the first call. */
export function createHistory(config: HistoryConfig, log: Logger): History {
  const client = connect(config);
  const keeper = connect(config, { deadlineMs: KEEPING_MS_MAX });
  const database = config.KPI_CLICKHOUSE_DATABASE;
  const reader = { client, database, answers: new KeptAnswers() };
  const following = new Following({ client, database, log });
  const insert = async (batch: EventBatch): Promise<void> => {
    await following.before(batch.blocks);
    await insertBlocks(client, database, batch);
    await following.after(batch.blocks);
  };
  return {
    migrate: () => migrate({ client, database, log }),
    insertBlocks: insert,
    insertEvents: ({ rows, ...batch }) => insert({ ...batch, blocks: blocksOf(rows) }),
    read: (query, options) => readKpi(reader, query, options),
    exposures: (query) => readExposures(client, database, query),
    partitionCounts: (options) => partitionCounts(client, database, options),
    nextOffsets: (place) => nextOffsets(client, database, place),
    keep: (options) => keepUnits(keeper, database, options),
    derive: (options) => deriveUnits(keeper, database, options),
    ping: () => ping(client),
    drop: () => drop(client, database),
    close: async () => {
      await Promise.all([client.close(), keeper.close()]);
    },
  };
}

async function insertBlocks(
  client: ClickHouseClient,
  database: string,
  { blocks, token, signal }: EventBatch,
): Promise<void> {
  if (blocks.every(({ rows }) => rows === 0)) return;
  const { stream } = await reach(
    'insert',
    client.exec({
      query: sqlText('queries/insert-events.sql', database),
      values: Readable.from([encodeBlocks(blocks)], { objectMode: false }),
      clickhouse_settings: {
        // Acknowledged means written; buffered inserts of a server's profile would lose the token's meaning.
        async_insert: 0,
        insert_deduplicate: 1,
        insert_deduplication_token: token,
        max_partitions_per_insert_block: String(MONTHS_MAX),
        max_insert_block_size: String(BLOCK_ROWS_MAX),
        min_insert_block_size_rows: String(BLOCK_ROWS_MAX),
        min_insert_block_size_bytes: String(BLOCK_BYTES_MAX),
      },
      ...(signal === undefined ? {} : { abort_signal: signal }),
    }),
  );
  // Read to its end, so that the connection can serve the next insert.
  await reach('insert', finished(stream.resume()));
}

async function partitionCounts(
  client: ClickHouseClient,
  database: string,
  { topics = [], offsetBound = {}, signal }: CountOptions = {},
): Promise<readonly PartitionCount[]> {
  const result = await reach(
    'count',
    client.query({
      query: sqlText('queries/read-partition-counts.sql', database),
      query_params: { topics, offset_bound: offsetBound },
      format: 'JSONEachRow',
      ...(signal === undefined ? {} : { abort_signal: signal }),
    }),
  );
  const counts = z.array(COUNT).parse(await reach('count', result.json()));
  return counts.map(({ next_offset: nextOffset, ...count }) => ({ ...count, nextOffset }));
}

async function nextOffsets(
  client: ClickHouseClient,
  database: string,
  { topics, partition }: PartitionPlace,
): Promise<ReadonlyMap<string, number>> {
  const result = await reach(
    'next offsets',
    client.query({
      query: sqlText('queries/read-next-offsets.sql', database),
      query_params: { topics, partition },
      format: 'JSONEachRow',
    }),
  );
  const offsets = z.array(NEXT_OFFSET).parse(await reach('next offsets', result.json()));
  return new Map(offsets.map(({ topic, next_offset: next }) => [topic, next]));
}

async function ping(client: ClickHouseClient): Promise<void> {
  const answer = await client.ping();
  if (!answer.success) {
    throw new Fault('history_unreachable', 'ping: ClickHouse did not answer', {
      cause: answer.error,
    });
  }
}

async function drop(client: ClickHouseClient, database: string): Promise<void> {
  await reach('drop', client.command({ query: sqlText('queries/drop-database.sql', database) }));
}
