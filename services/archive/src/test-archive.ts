import { randomBytes } from 'node:crypto';

import { type EventBatch, EventBlock, type History, createHistory } from '@kpi/clickhouse';
import { type EventOf, days } from '@kpi/core';
import { ArchiveLedger, archivedOffsets, closeRedis, createRedis } from '@kpi/redis';
import {
  ENGINE_OPTIONS,
  type EngineConfig,
  createLog,
  readConfig,
  systemClock,
} from '@kpi/runtime';
import { z } from 'zod';

import { claimPartition } from './claim-partition.ts';
import { PartitionArchive } from './partition-archive.ts';
import { type Stretch } from './range-buffer.ts';

/** Topics of the test's records. */
export const TEST_TOPICS: readonly string[] = ['kpi.product.v1', 'kpi.lms.v1'];

const DEADLINE_MS = 30_000;
const POLL_MS = 20;
const WAIT_MS = 20;

/** Something that happens around an insert: it may wait, insert something else, or throw as a crash would. */
type AroundInsert = (
  batch: EventBatch,
  insert: (batch: EventBatch) => Promise<void>,
) => Promise<void>;

/** A ledger and a history of a test's own, on the running engines. */
export interface TestArchive {
  readonly history: History;
  /** Claim the partition, as a process that starts does. */
  claim(around?: AroundInsert): Promise<ClaimedPartition>;
  /** What the ledger holds, to be put back with {@link TestArchive.restore}. */
  backup(): Promise<Readonly<Record<string, string>>>;
  /** Set the ledger back, as restoring an older copy of Redis does. */
  restore(ledger: Readonly<Record<string, string>>): Promise<void>;
  /** Offsets of the ledger, by `topic:partition`. */
  offsets(): Promise<ReadonlyMap<string, number>>;
  /** Rows and distinct events of the history. */
  counts(): Promise<{ readonly rows: number; readonly events: number }>;
  close(): Promise<void>;
}

interface ClaimedPartition {
  readonly archive: PartitionArchive;
  /** Next offset to read, by topic. */
  readonly positions: ReadonlyMap<string, number>;
  /** Resolves with the error that ended the archive. */
  readonly failed: Promise<unknown>;
}

export async function createTestArchive(rowsMax = 1_000): Promise<TestArchive> {
  const name = `t${randomBytes(6).toString('hex')}`;
  const config: EngineConfig = readConfig(z.object(ENGINE_OPTIONS), {
    ...process.env,
    KPI_REDIS_PREFIX: name,
    KPI_CLICKHOUSE_DATABASE: name,
    KPI_PARTITIONS: '1',
  });
  const log = createLog({ name: 'test', level: 'silent' });
  const history = createHistory(config, log);
  await history.migrate();
  const redis = await createRedis(config, log);
  const ledger = new ArchiveLedger({ client: redis, prefix: name });
  const ledgerKey = `${name}:{a0}:archive`;
  const archives: PartitionArchive[] = [];
  return {
    history,
    async claim(around = (batch, insert) => insert(batch)) {
      const { archived, positions } = await claimPartition({
        ledger,
        history,
        topics: TEST_TOPICS,
        partition: 0,
        worker: 'test',
        log,
      });
      const failure = Promise.withResolvers<unknown>();
      const archive = new PartitionArchive({
        partition: 0,
        archived,
        history: { insertBlocks: (batch) => around(batch, (given) => history.insertBlocks(given)) },
        installation: name,
        rowsMax,
        waitMs: WAIT_MS,
        isBehind: () => false,
        log,
        clock: systemClock,
        onInserted: () => undefined,
        onFailed: failure.resolve,
      });
      archives.push(archive);
      return { archive, positions, failed: failure.promise };
    },
    backup: () => redis.hgetall(ledgerKey),
    async restore(copy) {
      await redis.del(ledgerKey);
      if (Object.keys(copy).length > 0) await redis.hset(ledgerKey, copy);
    },
    offsets: () => archivedOffsets(redis, config),
    async counts() {
      const counts = await history.partitionCounts();
      return {
        rows: counts.reduce((sum, { rows }) => sum + rows, 0),
        events: counts.reduce((sum, { events }) => sum + events, 0),
      };
    },
    async close() {
      await Promise.all(archives.map((archive) => archive.close()));
      await redis.del(ledgerKey);
      await closeRedis(redis);
      await history.drop();
      await history.close();
    },
  };
}

/**
 * The records `[from, to)` of a topic, which are a day apart: 70 of them span three months. Some may be refused. Read as the
 * archive is to have them.
 */
export async function addRecords(
  archive: PartitionArchive,
  topic: string,
  records: { readonly from: number; readonly to: number; readonly refused?: readonly number[] },
): Promise<void> {
  const { from, to, refused = [] } = records;
  const cuts = archive.cutsOf(topic).filter((cut) => from < cut && cut < to);
  const edges = [from, ...cuts, to];
  for (const [index, start] of edges.slice(0, -1).entries())
    await archive.add(stretchOf(topic, { from: start, to: edges[index + 1] ?? to, refused }));
}

/** Rows of a topic's records. */
export function blockOf(topic: string, offsets: readonly number[]): EventBlock {
  const block = new EventBlock({ topic, partition: 0 });
  for (const offset of offsets) block.addEvent(actionOn(topic, offset), offset);
  return block;
}

function stretchOf(
  topic: string,
  { from, to, refused }: { from: number; to: number; refused: readonly number[] },
): Stretch {
  const offsets = Array.from({ length: to - from }, (_, index) => from + index);
  return {
    topic,
    from,
    to,
    block: blockOf(
      topic,
      offsets.filter((offset) => !refused.includes(offset)),
    ),
    refused: refused.filter((offset) => from <= offset && offset < to).length,
    erased: 0,
    erasures: 0,
  };
}

/** The record at an offset. */
export function actionOn(topic: string, offset: number): EventOf<'product.action_performed'> {
  const at = Date.UTC(2026, 0, 1) + days(offset);
  return {
    event_id: `${topic}-${offset}`,
    event_type: 'product.action_performed',
    occurred_at: at,
    received_at: at,
    tenant_id: 'default',
    account_id: 'a1',
    user_id: 'u1',
    anonymous_id: null,
    source: 'test',
    source_version: 0,
    source_event_type: null,
    schema_version: 1,
    retracts: null,
    pii_class: 'none',
    external_ids: {},
    attributes: {},
    action: 'open',
    feature: null,
    is_value_event: false,
  };
}

/** Resolves once `holds` answers true. Rejects after half a minute. */
export async function eventually(what: string, holds: () => Promise<boolean>): Promise<void> {
  const end = Date.now() + DEADLINE_MS;
  while (!(await holds())) {
    if (Date.now() > end) throw new Error(`never: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}
