import { Fault } from '@kpi/core';
import { type ConsumerCrashEvent } from 'kafkajs';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';

import { withAdmin } from './admin.ts';
import { ensureTopics } from './ensure-topics.ts';
import { createEventProducer, type EventProducer, type OutgoingRecord } from './event-producer.ts';
import {
  consumePartitions,
  type PartitionConsumer,
  type PartitionConsumerOptions,
} from './partition-consumer.ts';
import { partitionOf } from './record-key.ts';
import {
  eventually,
  silentLog,
  testInstallation,
  type TestInstallation,
} from './test-installation.ts';
import { TestStore } from './test-store.ts';

const PARTITIONS = 4;

let installation: TestInstallation;
let producer: EventProducer;
let store: TestStore;
let members: PartitionConsumer[];
let fatal: unknown[];

beforeEach(async () => {
  installation = testInstallation(PARTITIONS);
  await ensureTopics(installation.kafka, installation.topics);
  producer = createEventProducer({ kafka: installation.kafka, log: silentLog });
  store = new TestStore();
  members = [];
  fatal = [];
});

afterEach(async () => {
  for (const member of members) await member.close();
  await producer.close();
  await installation.remove();
});

async function join(options: Partial<PartitionConsumerOptions> = {}): Promise<PartitionConsumer> {
  const member = await consumePartitions({
    kafka: installation.kafka,
    groupId: `${installation.config.KPI_TOPIC_PREFIX}group`,
    topics: installation.topics.input,
    open: store.open,
    log: silentLog,
    clock: () => Date.now(),
    onFatal: (error) => fatal.push(error),
    ...options,
  });
  members.push(member);
  return member;
}

/** `count` records over all topics and partitions; the value tells the order of sending. */
function records(count: number, from = 0): readonly OutgoingRecord[] {
  const { input } = installation.topics;
  return Array.from({ length: count }, (_, index) => ({
    topic: input[index % input.length] ?? '',
    key: `account-${index % 37}`,
    value: Buffer.from(String(from + index).padStart(8, '0')),
  }));
}

/** What the store must hold: each record once, in the order of its partition. */
function expected(sent: readonly OutgoingRecord[]): ReadonlyMap<string, readonly string[]> {
  const logs = new Map<string, string[]>();
  for (const { topic, key, value } of sent) {
    const name = `${topic}/${partitionOf(key, PARTITIONS)}`;
    logs.set(name, [...(logs.get(name) ?? []), value?.toString() ?? '']);
  }
  return logs;
}

async function applied(count: number): Promise<void> {
  await eventually(
    () => store.count >= count || fatal.length > 0,
    () => ({ applied: store.count, of: count, positions: [...store.positions] }),
  );
  expect(fatal).toEqual([]);
}

describe('a group of one', () => {
  test('joins again when the client gives up for want of a coordinator', async () => {
    const { kafka } = installation;
    const consumerOf = kafka.consumer.bind(kafka);
    const crashed: ((event: ConsumerCrashEvent) => void)[] = [];
    vi.spyOn(kafka, 'consumer').mockImplementation((config) => {
      const consumer = consumerOf(config);
      const on = consumer.on.bind(consumer);
      vi.spyOn(consumer, 'on').mockImplementation((name, listener) => {
        // What the client does before it says so: it leaves, for good.
        if (name === consumer.events.CRASH)
          crashed.push((event) => void consumer.disconnect().then(() => listener(event)));
        return on(name, listener);
      });
      return consumer;
    });
    const first = records(600);
    await producer.send(first);
    await join();
    await applied(first.length);
    const [crash] = crashed;
    const cause = new Error('Failed to find group coordinator');
    cause.name = 'KafkaJSGroupCoordinatorNotFound';
    const error = new Error(cause.message, { cause });
    crash?.({ id: '', type: '', timestamp: 0, payload: { error, groupId: '', restart: false } });
    const second = records(600, 600);
    await producer.send(second);
    await applied(first.length + second.length);
    expect(store.values).toEqual(expected([...first, ...second]));
    expect(store.opened).toBe(2 * PARTITIONS);
  });

  test('applies every record of every topic once, in the order of its partition', async () => {
    const sent = records(5_000);
    await producer.send(sent);
    const member = await join({ batchRecordsMax: 100 });
    await applied(sent.length);
    expect(store.values).toEqual(expected(sent));
    await eventually(
      () => member.lag().length === PARTITIONS * 6,
      () => member.lag(),
    );
    expect(member.lag().every(({ lag }) => lag === 0)).toBe(true);
  });

  test('continues from the positions of its store, whatever Kafka knows', async () => {
    const first = records(600);
    await producer.send(first);
    const member = await join();
    await applied(first.length);
    await member.close();

    const second = records(600, 600);
    await producer.send(second);
    // The store falls back to an old snapshot: Kafka's positions are ahead of it.
    store.values.clear();
    store.positions.clear();
    await join();
    await applied(1_200);
    expect(store.values).toEqual(expected([...first, ...second]));
  });

  test('dropped in the middle loses nothing and doubles nothing', async () => {
    const sent = records(3_000);
    await producer.send(sent);
    let budget = 7;
    const { promise: stuck, resolve: isStuck } = Promise.withResolvers<void>();
    store.beforeApply = async () => {
      budget -= 1;
      if (budget > 0) return;
      isStuck();
      // As if the process had died with a stretch in hand.
      throw new Fault('ownership_lost', 'dead');
    };
    const member = await join({ batchRecordsMax: 50 });
    await stuck;
    await member.close();
    expect(store.count).toBeLessThan(sent.length);

    store.beforeApply = () => Promise.resolve();
    await join({ batchRecordsMax: 50 });
    await applied(sent.length);
    expect(store.values).toEqual(expected(sent));
  });

  test('says what is in its way, from the first failure until something works again', async () => {
    await producer.send(records(200));
    let isAway = true;
    store.beforeApply = async () => {
      if (isAway) throw new Fault('store_unreachable', 'the store is away');
    };
    const begun = Date.now();
    const member = await join();
    expect(member.obstacle()).toBeUndefined();
    await eventually(
      () => member.obstacle() !== undefined,
      () => store.opened,
    );
    const first = member.obstacle();
    expect(first).toMatchObject({ reason: 'the store is away' });
    expect(first?.since).toBeGreaterThanOrEqual(begun);
    isAway = false;
    await applied(200);
    await eventually(
      () => member.obstacle() === undefined,
      () => member.obstacle(),
    );
  });

  test('repeats a stretch while its store is away', async () => {
    const sent = records(200);
    await producer.send(sent);
    let failures = 5;
    store.beforeApply = async () => {
      failures -= 1;
      if (failures >= 0) throw new Fault('store_unreachable', 'away');
    };
    await join();
    await applied(sent.length);
    expect(store.values).toEqual(expected(sent));
    expect(store.opened).toBe(PARTITIONS);
  });

  test('stops on a bug and says so once', async () => {
    await producer.send(records(200));
    store.beforeApply = () => Promise.reject(new Error('bug'));
    await join();
    await eventually(
      () => fatal.length > 0,
      () => fatal,
    );
    expect(fatal).toEqual([new Error('bug')]);
    expect(store.count).toBe(0);
  });
});

describe('what is applied', () => {
  test('waits for more to come when told to linger', async () => {
    const stretches: number[] = [];
    store.beforeApply = (batch) => {
      stretches.push(batch.records.length);
      return Promise.resolve();
    };
    const member = await join({ lingerMs: 60_000, batchRecordsMax: 10 });
    await eventually(
      () => partitionsOf(member) === PARTITIONS,
      () => member.lag(),
    );
    const topic = installation.topics.input[0] ?? '';
    for (let index = 0; index < 25; index += 1) {
      await producer.send([{ topic, key: 'one', value: Buffer.from(String(index)) }]);
    }
    await applied(20);
    expect(stretches).toEqual([10, 10]);
  });

  test('must come from topics with one partition count', async () => {
    const { input, deadLetters } = installation.topics;
    await join({ topics: [...input, deadLetters] });
    await eventually(
      () => fatal.length > 0,
      () => store.opened,
    );
    expect(fatal).toMatchObject([{ code: 'partition_mismatch' }]);
    expect(store.opened).toBe(0);
  });
});

describe('a group of two', () => {
  test('shares partitions, and hands them over without loss or doubling', async () => {
    const before = records(2_000);
    await producer.send(before);
    await join({ batchRecordsMax: 20 });
    const second = await join({ batchRecordsMax: 20 });
    await eventually(
      () => partitionsOf(second) === PARTITIONS / 2,
      () => second.lag(),
    );

    const during = records(2_000, 2_000);
    await producer.send(during);
    await second.close();
    const after = records(1_000, 4_000);
    await producer.send(after);
    await applied(5_000);
    expect(store.values).toEqual(expected([...before, ...during, ...after]));
  });

  test('gives one partition of all topics to one member', async () => {
    const first = await join();
    const second = await join();
    await eventually(
      () => partitionsOf(first) === 2 && partitionsOf(second) === 2,
      () => [first.lag(), second.lag()],
    );
    const owners = [first, second].map(
      (member) => new Set(member.lag().map(({ partition }) => partition)),
    );
    expect(new Set(owners.flatMap((owned) => [...owned])).size).toBe(PARTITIONS);
    expect([first, second].map((member) => member.lag().length)).toEqual([12, 12]);
  });

  test('two owners of a partition: the fence ends the older, not the process', async () => {
    const sent = records(400);
    await producer.send(sent);
    const { promise: released, resolve: release } = Promise.withResolvers<void>();
    store.beforeApply = () => released;
    await join();
    await eventually(
      () => store.opened === PARTITIONS,
      () => store.opened,
    );
    // Another owner turns up behind the group's back.
    for (let partition = 0; partition < PARTITIONS; partition += 1) await store.open(partition);
    release();
    await eventually(
      () => store.closed === PARTITIONS,
      () => store.closed,
    );
    expect(store.fenced).toBe(PARTITIONS);
    expect(store.count).toBe(0);
    expect(fatal).toEqual([]);
  });

  test('a partition that was taken over and stays assigned is fatal: nobody may be working on it', async () => {
    await producer.send(records(400));
    const { promise: released, resolve: release } = Promise.withResolvers<void>();
    store.beforeApply = () => released;
    await join({ displacedMsMax: 300 });
    await eventually(
      () => store.opened === PARTITIONS,
      () => store.opened,
    );
    await store.open(0);
    release();
    await eventually(
      () => fatal.length > 0,
      () => store.fenced,
    );
    expect(fatal).toMatchObject([{ code: 'ownership_lost' }]);
  });
});

/** As retention does it. */
describe('a store that falls back to an older state', () => {
  /** Partition 0 forgets everything; whoever owned it is told so once. */
  function fallBack(): () => Promise<void> {
    for (const topic of installation.topics.input) store.values.delete(`${topic}/0`);
    store.positions.delete(0);
    let isTold = false;
    return () => {
      if (isTold) return Promise.resolve();
      isTold = true;
      return Promise.reject(new Fault('store_set_back', 'a replica took over'));
    };
  }

  test('is read into again from where it stands, as soon as a stretch is refused', async () => {
    const sent = records(1_200);
    await producer.send(sent.slice(0, 600));
    await join();
    await applied(600);
    const refuse = fallBack();
    store.beforeApply = ({ partition }) => (partition === 0 ? refuse() : Promise.resolve());
    await producer.send(sent.slice(600));
    await applied(sent.length);
    expect(store.values).toEqual(expected(sent));
    expect(store.opened).toBe(PARTITIONS + 1);
  });

  test('is noticed although nothing more comes', async () => {
    const sent = records(600);
    await producer.send(sent);
    await join();
    await applied(sent.length);
    const refuse = fallBack();
    store.beforeConfirm = (partition) => (partition === 0 ? refuse() : Promise.resolve());
    await applied(sent.length);
    expect(store.values).toEqual(expected(sent));
    expect(store.opened).toBe(PARTITIONS + 1);
    expect(store.closed).toBe(1);
  });
});

async function deleteRecords(what: {
  readonly topic: string;
  readonly partition: number;
  readonly before: number;
}): Promise<void> {
  const { topic, partition, before } = what;
  await withAdmin(installation.kafka, async (admin) => {
    await admin.fetchTopicOffsets(topic);
    await admin.deleteTopicRecords({ topic, partitions: [{ partition, offset: String(before) }] });
  });
}

function partitionsOf(member: PartitionConsumer): number {
  return new Set(member.lag().map(({ partition }) => partition)).size;
}

describe('a position outside the log', () => {
  test('before its start stops consuming and says what to do', async () => {
    const topic = installation.topics.input[0] ?? '';
    await producer.send([...records(600)].map((record) => ({ ...record, topic })));
    for (const partition of [0, 1, 2, 3]) await deleteRecords({ topic, partition, before: 10 });
    store.positions.set(0, new Map([[topic, 3]]));
    await join();
    await eventually(
      () => fatal.length > 0,
      () => store.count,
    );
    expect(fatal).toMatchObject([{ code: 'offset_lost' }]);
    expect(String(fatal[0])).toMatch(
      /position 3 in partition 0 of topic .* holds 10 to \d+; rebuild/,
    );
    expect(store.positions.get(0)?.get(topic)).toBe(3);
  });

  test('after its end stops consuming too', async () => {
    const topic = installation.topics.input[0] ?? '';
    store.positions.set(1, new Map([[topic, 5_000]]));
    await join();
    await eventually(
      () => fatal.length > 0,
      () => store.count,
    );
    expect(fatal).toMatchObject([{ code: 'offset_lost' }]);
  });

  test('that falls out of the log while reading stops consuming', async () => {
    const topic = installation.topics.input[0] ?? '';
    const key = 'one';
    const partition = partitionOf(key, PARTITIONS);
    const value = Buffer.alloc(100_000, 'x');
    const { promise: released, resolve: release } = Promise.withResolvers<void>();
    let inHand = 0;
    store.beforeApply = () => {
      inHand += 1;
      return released;
    };
    await producer.send(Array.from({ length: 100 }, () => ({ topic, key, value })));
    await join();
    await eventually(
      () => inHand > 0,
      () => store.opened,
    );
    await deleteRecords({ topic, partition, before: 95 });
    release();
    await eventually(
      () => fatal.length > 0,
      () => [...store.positions],
    );
    expect(fatal).toMatchObject([{ code: 'offset_lost' }]);
  });
});

describe('a log with gaps', () => {
  test('left by transactions is read to its end', async () => {
    const topic = installation.topics.input[0] ?? '';
    const key = 'one';
    const theirs = installation.kafka.producer({
      transactionalId: topic,
      maxInFlightRequests: 1,
      idempotent: true,
    });
    await theirs.connect();
    for (const [index, value] of ['kept', 'dropped', 'kept too'].entries()) {
      const transaction = await theirs.transaction();
      await transaction.send({
        topic,
        messages: [{ key, value, partition: partitionOf(key, PARTITIONS) }],
      });
      await (index === 1 ? transaction.abort() : transaction.commit());
    }
    await theirs.disconnect();
    const member = await join();
    await applied(2);
    expect([...store.values.values()]).toEqual([['kept', 'kept too']]);
    await eventually(
      () => member.lag().every(({ lag }) => lag === 0),
      () => member.lag(),
    );
    expect(store.positions.get(partitionOf(key, PARTITIONS))?.get(topic)).toBe(6);
  });
});
