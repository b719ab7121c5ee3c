import { Fault } from '@kpi/core';
import { pause } from '@kpi/runtime';
import kafkajs, { type Admin, type ITopicMetadata } from 'kafkajs';

import { withAdmin } from './admin.ts';
import { type KafkaClient } from './connection.ts';
import { type TopicDeclaration, type Topics } from './topics.ts';

/** Minus one: the broker's own default, one on a single broker and what the operator chose on a cluster. */
const REPLICAS_BY_BROKER = -1;
/** A new topic has leaders within a second; a broker that is starting needs longer. */
const LEADERS_DEADLINE_MS = 20_000;
const LEADERS_POLL_MS = 50;

/**
 * Create the topics that are missing and compare the others with their declaration. Throws a Fault `partition_mismatch` or
 * `topic_mismatch` that names topic, expected and found: keys would land elsewhere, or the broker would delete what is kept.
 */
export function ensureTopics(kafka: KafkaClient, topics: Topics): Promise<void> {
  return withAdmin(kafka, async (admin) => {
    const present = new Set(await admin.listTopics());
    const missing = topics.declarations.filter(({ name }) => !present.has(name));
    if (missing.length > 0) await create(admin, missing);
    await verifyPartitions(admin, topics.declarations);
    await verifySettings(admin, topics.declarations);
  });
}

/** Several processes may start at once: a topic that appeared in between is fine, it is verified like any other. */
async function create(admin: Admin, missing: readonly TopicDeclaration[]): Promise<void> {
  await admin.createTopics({
    waitForLeaders: false,
    topics: missing.map(({ name, partitions, settings }) => ({
      topic: name,
      numPartitions: partitions,
      replicationFactor: REPLICAS_BY_BROKER,
      configEntries: Object.entries(settings).map(([key, value]) => ({ name: key, value })),
    })),
  });
}

async function verifyPartitions(
  admin: Admin,
  declarations: readonly TopicDeclaration[],
): Promise<void> {
  const topics = await ledTopics(
    admin,
    declarations.map(({ name }) => name),
  );
  for (const { name, partitions } of declarations) {
    const found = topics.find((topic) => topic.name === name)?.partitions.length ?? 0;
    if (found !== partitions) {
      const sizes = `${partitions} expected, ${found} found`;
      throw new Fault('partition_mismatch', `partitions of topic ${name}: ${sizes}`);
    }
  }
}

/** The topics once each of their partitions has a leader that knows it is: until then nothing can be written or read. */
async function ledTopics(
  admin: Admin,
  names: readonly string[],
): Promise<readonly ITopicMetadata[]> {
  const patience = AbortSignal.timeout(LEADERS_DEADLINE_MS);
  while (!patience.aborted) {
    const found = await topicsIfLed(admin, names);
    if (found !== undefined) return found;
    await pause(LEADERS_POLL_MS, patience);
  }
  throw new Fault('broker_unreachable', `no leaders for the topics ${names.join(', ')}`);
}

/** Undefined while a broker does not know one of the topics or does not lead it yet: news of a creation travels. */
async function topicsIfLed(
  admin: Admin,
  names: readonly string[],
): Promise<readonly ITopicMetadata[] | undefined> {
  try {
    const { topics } = await admin.fetchTopicMetadata({ topics: [...names] });
    for (const name of names) await admin.fetchTopicOffsets(name);
    return topics;
  } catch (error) {
    if (error instanceof kafkajs.KafkaJSError && error.retriable) return undefined;
    throw error;
  }
}

async function verifySettings(
  admin: Admin,
  declarations: readonly TopicDeclaration[],
): Promise<void> {
  const { resources } = await admin.describeConfigs({
    includeSynonyms: false,
    resources: declarations.map(({ name, settings }) => ({
      type: kafkajs.ConfigResourceTypes.TOPIC,
      name,
      configNames: Object.keys(settings),
    })),
  });
  for (const { name, settings } of declarations) {
    const entries =
      resources.find((resource) => resource.resourceName === name)?.configEntries ?? [];
    for (const [key, expected] of Object.entries(settings)) {
      const found = entries.find((entry) => entry.configName === key)?.configValue ?? 'nothing';
      if (found !== expected) {
        throw new Fault(
          'topic_mismatch',
          `${key} of topic ${name}: ${expected} expected, ${found} found`,
        );
      }
    }
  }
}
