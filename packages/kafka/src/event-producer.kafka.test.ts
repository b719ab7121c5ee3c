import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { createKafka } from './connection.ts';
import { ensureTopics } from './ensure-topics.ts';
import { createEventProducer, type EventProducer, type OutgoingRecord } from './event-producer.ts';
import { LogRanges } from './log-ranges.ts';
import { partitionOf } from './record-key.ts';
import { silentLog, testInstallation } from './test-installation.ts';

const installation = testInstallation(3);
const { kafka, topics } = installation;
const topic = topics.facts;

let producer: EventProducer;
let ranges: LogRanges;

beforeAll(async () => {
  await ensureTopics(kafka, topics);
  producer = createEventProducer({ kafka, log: silentLog });
  ranges = new LogRanges(kafka);
});

afterAll(async () => {
  await producer.close();
  await ranges.close();
  await installation.remove();
});

function records(count: number, bytes: number): readonly OutgoingRecord[] {
  return Array.from({ length: count }, (_, index) => ({
    topic,
    key: `key-${index}`,
    value: Buffer.alloc(bytes, index),
  }));
}

async function ends(): Promise<readonly number[]> {
  const found = await ranges.read(topic);
  return [0, 1, 2].map((partition) => found.get(partition)?.end ?? -1);
}

function sum(values: readonly number[]): number {
  return values.reduce((a, b) => a + b, 0);
}

describe('the producer', () => {
  test('puts each record into the partition of its key, once', async () => {
    const before = await ends();
    const sent = records(1_000, 100);
    await producer.send(sent);
    const share = [0, 1, 2].map((p) => sent.filter(({ key }) => partitionOf(key, 3) === p).length);
    expect(await ends()).toEqual(before.map((end, partition) => end + (share[partition] ?? 0)));
  });

  test('sends what is called at the same time in few requests, and answers each call', async () => {
    const before = await ends();
    await Promise.all(records(2_000, 50).map((record) => producer.send([record])));
    expect(sum(await ends()) - sum(before)).toBe(2_000);
  });

  test('splits what is larger than a batch may be', async () => {
    const before = await ends();
    await producer.send(records(30, 1_000_000).map((record) => ({ ...record, key: 'one' })));
    const after = await ends();
    const partition = partitionOf('one', 3);
    expect((after[partition] ?? 0) - (before[partition] ?? 0)).toBe(30);
  });

  test('takes the dead letter of a whole body', async () => {
    const before = await ends();
    await producer.send(records(1, 7_000_000));
    expect(await ends()).not.toEqual(before);
  });

  test('refuses a record that no topic takes, and goes on', async () => {
    await expect(producer.send(records(1, 8_000_000))).rejects.toMatchObject({
      code: 'body_too_large',
    });
    await producer.send(records(1, 10));
  });

  test('says within its deadline that no broker answers', async () => {
    const config = { ...installation.config, KPI_KAFKA_BROKERS: ['127.0.0.1:1'] };
    const away = createEventProducer({
      kafka: createKafka(config, silentLog),
      log: silentLog,
      deadlineMs: 1_000,
    });
    const started = performance.now();
    const calls = [away.send(records(1, 10)), away.send(records(1, 10))];
    for (const call of calls) {
      await expect(call).rejects.toMatchObject({ code: 'broker_unreachable', retryable: true });
    }
    expect(performance.now() - started).toBeLessThan(3_000);
    await away.close();
  });

  test('is of no use once closed', async () => {
    const closed = createEventProducer({ kafka, log: silentLog });
    await closed.close();
    await expect(closed.send(records(1, 10))).rejects.toMatchObject({ code: 'broker_unreachable' });
  });
});
