import { createArchivedRecords, createHistory, createValueHistory } from '@kpi/clickhouse';
import {
  LogRanges,
  SchemaRegistry,
  copyDeadLetters,
  createEventEncoder,
  createEventProducer,
  createKafka,
  ensureTopics,
  registerSchemas,
  topicsOf,
} from '@kpi/kafka';
import { copyRecords } from '@kpi/live';
import {
  type RedisClient,
  archivedOffsets,
  closeRedis,
  createCopyLedger,
  createRedis,
  parsePlace,
  placeOf,
  readPresences,
} from '@kpi/redis';
import type { Clock } from '@kpi/runtime';

import type { EngineAccess } from '../engines.ts';
import type { ChangedSettings } from './new-names.ts';

export interface RepartitionCall extends EngineAccess {
  readonly settings: ChangedSettings;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly onProgress: (done: number, total: number) => void;
}

export interface RepartitionReport {
  /** Records written by this call. */
  readonly copied: number;
  /** Records of the log that are not archived yet, and so not copied. */
  readonly behind: number;
  readonly deadLetters: number;
  /** Services that ran when the copy was done: what they still write is not in it. */
  readonly running: readonly string[];
}

/** Of these what they write or move is copied; the API changes nothing. */
const WRITERS: ReadonlySet<string> = new Set(['ingest', 'aggregate', 'archive']);

/** Make the new topics and tables and bring them up to where the archive is. May be called again at any time. */
export async function repartition(call: RepartitionCall): Promise<RepartitionReport> {
  const { config, settings, log, clock } = call;
  const { KPI_TOPIC_PREFIX, KPI_CLICKHOUSE_DATABASE } = settings;
  const changed = {
    ...config,
    KPI_TOPIC_PREFIX,
    KPI_CLICKHOUSE_DATABASE,
    KPI_PARTITIONS: Number(settings.KPI_PARTITIONS),
  };
  const [from, to] = [topicsOf(config), topicsOf(changed)];
  const kafka = createKafka(config, log);
  await ensureTopics(kafka, to);
  const encoder = createEventEncoder(await registerSchemas(new SchemaRegistry(changed), to));
  await copyValues(call, changed);
  const producer = createEventProducer({ kafka, log, deadlineMs: SEND_MS_MAX });
  const records = createArchivedRecords(config);
  const client = await createRedis(config, log);
  try {
    const places = await inputOffsets(client, call);
    const copied = await copyRecords({
      records,
      partitions: config.KPI_PARTITIONS,
      producer,
      encoder,
      topics: to,
      ledger: createCopyLedger(client, config, KPI_TOPIC_PREFIX),
      archived: places,
      onProgress: call.onProgress,
      signal: call.signal,
    });
    const deadLetters = await copyDeadLetters({
      kafka,
      from: from.deadLetters,
      to: to.deadLetters,
      producer,
      groupPrefix: KPI_TOPIC_PREFIX,
      log,
      clock,
    });
    const store = { client, prefix: config.KPI_REDIS_PREFIX, clock };
    const running = (await readPresences(store)).map(({ service }) => service);
    return {
      copied,
      behind: await behindOf(call, places),
      deadLetters,
      running: [...new Set(running)].filter((name) => WRITERS.has(name)),
    };
  } finally {
    await producer.close();
    await records.close();
    await closeRedis(client);
  }
}

/** Nobody waits for an answer here; a broker that is busy is given time. */
const SEND_MS_MAX = 60_000;

/** Published values are not counted from events again: they say what was said at the time. */
async function copyValues(
  { config, log }: RepartitionCall,
  changed: RepartitionCall['config'],
): Promise<void> {
  const history = createHistory(changed, log);
  const values = createValueHistory(changed);
  try {
    await history.migrate();
    await values.addFrom(config.KPI_CLICKHOUSE_DATABASE);
  } finally {
    await history.close();
    await values.close();
  }
}

/** How far the archive is with the input topics. */
async function inputOffsets(
  client: RedisClient,
  { config }: RepartitionCall,
): Promise<ReadonlyMap<string, number>> {
  const { input } = topicsOf(config);
  const archived = await archivedOffsets(client, config);
  return new Map([...archived].filter(([place]) => input.includes(parsePlace(place).topic)));
}

async function behindOf(
  { config, log }: RepartitionCall,
  copied: ReadonlyMap<string, number>,
): Promise<number> {
  const ranges = new LogRanges(createKafka(config, log));
  let behind = 0;
  try {
    for (const topic of topicsOf(config).input)
      for (const [partition, { end }] of await ranges.read(topic))
        behind += Math.max(0, end - (copied.get(placeOf(topic, partition)) ?? 0));
  } finally {
    await ranges.close();
  }
  return behind;
}
