import { expect } from 'vitest';

import { ensureTopics } from './ensure-topics.ts';
import { type EventProducer, type OutgoingRecord, createEventProducer } from './event-producer.ts';
import {
  type PartitionConsumer,
  type PartitionConsumerOptions,
  consumePartitions,
} from './partition-consumer.ts';
import { partitionOf } from './record-key.ts';
import {
  type TestInstallation,
  eventually,
  silentLog,
  testInstallation,
} from './test-installation.ts';
import { TestStore } from './test-store.ts';

/** Topics of a test's own, members that consume them into one store, and what ended them. */
export class TestGroup {
  readonly installation: TestInstallation;
  readonly producer: EventProducer;
  readonly store = new TestStore();
  readonly fatal: unknown[] = [];
  readonly #members: PartitionConsumer[] = [];

  private constructor(installation: TestInstallation) {
    this.installation = installation;
    this.producer = createEventProducer({ kafka: installation.kafka, log: silentLog });
  }

  static async create(partitions: number): Promise<TestGroup> {
    const installation = testInstallation(partitions);
    await ensureTopics(installation.kafka, installation.topics);
    return new TestGroup(installation);
  }

  async close(): Promise<void> {
    for (const member of this.#members) await member.close();
    await this.producer.close();
    await this.installation.remove();
  }

  async join(options: Partial<PartitionConsumerOptions> = {}): Promise<PartitionConsumer> {
    const { kafka, config, topics } = this.installation;
    const member = await consumePartitions({
      kafka,
      groupId: `${config.KPI_TOPIC_PREFIX}group`,
      topics: topics.input,
      open: this.store.open,
      log: silentLog,
      clock: () => Date.now(),
      onFatal: (error) => this.fatal.push(error),
      ...options,
    });
    this.#members.push(member);
    return member;
  }

  /** `count` records over all topics and partitions; the value tells the order of sending. */
  records(count: number, from = 0): readonly OutgoingRecord[] {
    const { input } = this.installation.topics;
    return Array.from({ length: count }, (_, index) => ({
      topic: input[index % input.length] ?? '',
      key: `account-${index % 37}`,
      value: Buffer.from(String(from + index).padStart(8, '0')),
    }));
  }

  /** Until so many records were applied, and nothing has failed. */
  async applied(count: number): Promise<void> {
    const { store, fatal } = this;
    await eventually(
      () => store.count >= count || fatal.length > 0,
      () => ({ applied: store.count, of: count, positions: [...store.positions] }),
    );
    expect(fatal).toEqual([]);
  }
}

/** What the store must hold: each record once, in the order of its partition. */
export function expected(
  sent: readonly OutgoingRecord[],
  partitions: number,
): ReadonlyMap<string, readonly string[]> {
  const logs = new Map<string, string[]>();
  for (const { topic, key, value } of sent) {
    const name = `${topic}/${partitionOf(key, partitions)}`;
    logs.set(name, [...(logs.get(name) ?? []), value?.toString() ?? '']);
  }
  return logs;
}
