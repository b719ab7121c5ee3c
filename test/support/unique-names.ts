import { randomBytes } from 'node:crypto';

import { createKafka } from '@kpi/kafka';
import { closeRedis, createRedis, removeKeys } from '@kpi/redis';
import { type EngineConfig, createLog } from '@kpi/runtime';

/** Names nobody else uses, as the environment of a service under test. */
export interface UniqueNames {
  /** Before every topic, with its separator: `t1f3a….`. */
  readonly KPI_TOPIC_PREFIX: string;
  readonly KPI_REDIS_PREFIX: string;
  readonly KPI_CLICKHOUSE_DATABASE: string;
}

const RANDOM_BYTES = 6;
const DROP_MS_MAX = 30_000;

/** A fresh topic prefix, Redis prefix and database, so that tests share engines and nothing else. */
export function uniqueNames(): UniqueNames {
  const id = `t${randomBytes(RANDOM_BYTES).toString('hex')}`;
  return {
    KPI_TOPIC_PREFIX: `${id}.`,
    KPI_REDIS_PREFIX: id,
    KPI_CLICKHOUSE_DATABASE: id,
  };
}

/** Remove what a test left under its unique names; what it never made is no mistake. */
export async function removeNames(config: EngineConfig): Promise<void> {
  await Promise.all([removeTopics(config), removeStoredKeys(config), removeDatabase(config)]);
}

async function removeTopics(config: EngineConfig): Promise<void> {
  const admin = createKafka(config, silent()).admin();
  await admin.connect();
  const topics = (await admin.listTopics()).filter((name) =>
    name.startsWith(config.KPI_TOPIC_PREFIX),
  );
  if (topics.length > 0) await admin.deleteTopics({ topics });
  await admin.disconnect();
}

async function removeStoredKeys(config: EngineConfig): Promise<void> {
  const redis = await createRedis(config, silent());
  await removeKeys(redis, `${config.KPI_REDIS_PREFIX}:*`);
  await closeRedis(redis);
}

async function removeDatabase(config: EngineConfig): Promise<void> {
  await fetch(config.KPI_CLICKHOUSE_URL, {
    method: 'POST',
    body: `DROP DATABASE IF EXISTS ${config.KPI_CLICKHOUSE_DATABASE} SYNC`,
    signal: AbortSignal.timeout(DROP_MS_MAX),
  });
}

function silent() {
  return createLog({ name: 'clean-up', level: 'silent' });
}
