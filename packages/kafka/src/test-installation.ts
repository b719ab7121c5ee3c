import { randomBytes } from 'node:crypto';

import { createLog, ENGINE_OPTIONS, readConfig, type EngineConfig } from '@kpi/runtime';
import { z } from 'zod';

import { withAdmin } from './admin.ts';
import { createKafka, type KafkaClient } from './connection.ts';
import { topicsOf, type Topics } from './topics.ts';

const DEADLINE_MS = 30_000;
const POLL_MS = 20;

/** Topics of a test's own on the running brokers. */
export interface TestInstallation {
  readonly config: EngineConfig;
  readonly kafka: KafkaClient;
  readonly topics: Topics;
  remove(): Promise<void>;
}

export const silentLog = createLog({ name: 'test', level: 'silent' });

export function testInstallation(partitions: number): TestInstallation {
  const prefix = `t${randomBytes(6).toString('hex')}.`;
  const environment = {
    ...process.env,
    KPI_TOPIC_PREFIX: prefix,
    KPI_PARTITIONS: String(partitions),
  };
  const config = readConfig(z.object(ENGINE_OPTIONS), environment);
  const kafka = createKafka(config, silentLog);
  return { config, kafka, topics: topicsOf(config), remove: () => removeTopics(kafka, prefix) };
}

async function removeTopics(kafka: KafkaClient, prefix: string): Promise<void> {
  await withAdmin(kafka, async (admin) => {
    const topics = await admin.listTopics();
    await admin.deleteTopics({ topics: topics.filter((topic) => topic.startsWith(prefix)) });
  });
}

/** Resolves once `holds` does; rejects with what `describe` says when it does not within half a minute. */
export async function eventually(holds: () => boolean, describe: () => unknown): Promise<void> {
  const end = Date.now() + DEADLINE_MS;
  while (!holds()) {
    if (Date.now() > end) throw new Error(`never came true: ${JSON.stringify(describe())}`);
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}
