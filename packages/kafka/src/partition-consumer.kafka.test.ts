import { Fault } from '@kpi/core';
import { type ConsumerCrashEvent } from 'kafkajs';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';

import { type PartitionConsumer } from './partition-consumer.ts';
import { TestGroup, expected } from './test-group.ts';
import { eventually } from './test-installation.ts';

const PARTITIONS = 4;

let group: TestGroup;

beforeEach(async () => {
  group = await TestGroup.create(PARTITIONS);
});

afterEach(() => group.close());

function partitionsOf(member: PartitionConsumer): number {
  return new Set(member.lag().map(({ partition }) => partition)).size;
}

describe('a group of one', () => {
  test('joins again when the client gives up for want of a coordinator', async () => {
    const { kafka } = group.installation;
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
    const first = group.records(600);
    await group.producer.send(first);
    await group.join();
    await group.applied(first.length);
    const [crash] = crashed;
    const cause = new Error('Failed to find group coordinator');
    cause.name = 'KafkaJSGroupCoordinatorNotFound';
    const error = new Error(cause.message, { cause });
    crash?.({ id: '', type: '', timestamp: 0, payload: { error, groupId: '', restart: false } });
    const second = group.records(600, 600);
    await group.producer.send(second);
    await group.applied(first.length + second.length);
    expect(group.store.values).toEqual(expected([...first, ...second], PARTITIONS));
    expect(group.store.opened).toBe(2 * PARTITIONS);
  });

  test('applies every record of every topic once, in the order of its partition', async () => {
    const sent = group.records(5_000);
    await group.producer.send(sent);
    const member = await group.join({ batchRecordsMax: 100 });
    await group.applied(sent.length);
    expect(group.store.values).toEqual(expected(sent, PARTITIONS));
    await eventually(
      () => member.lag().length === PARTITIONS * 6,
      () => member.lag(),
    );
    expect(member.lag().every(({ lag }) => lag === 0)).toBe(true);
  });

  test('continues from the positions of its store, whatever Kafka knows', async () => {
    const first = group.records(600);
    await group.producer.send(first);
    const member = await group.join();
    await group.applied(first.length);
    await member.close();

    const second = group.records(600, 600);
    await group.producer.send(second);
    // The store falls back to an old snapshot: Kafka's positions are ahead of it.
    group.store.values.clear();
    group.store.positions.clear();
    await group.join();
    await group.applied(1_200);
    expect(group.store.values).toEqual(expected([...first, ...second], PARTITIONS));
  });

  test('dropped in the middle loses nothing and doubles nothing', async () => {
    const sent = group.records(3_000);
    await group.producer.send(sent);
    let budget = 7;
    const { promise: stuck, resolve: isStuck } = Promise.withResolvers<void>();
    group.store.beforeApply = async () => {
      budget -= 1;
      if (budget > 0) return;
      isStuck();
      // As if the process had died with a stretch in hand.
      throw new Fault('ownership_lost', 'dead');
    };
    const member = await group.join({ batchRecordsMax: 50 });
    await stuck;
    await member.close();
    expect(group.store.count).toBeLessThan(sent.length);

    group.store.beforeApply = () => Promise.resolve();
    await group.join({ batchRecordsMax: 50 });
    await group.applied(sent.length);
    expect(group.store.values).toEqual(expected(sent, PARTITIONS));
  });

  test('says what is in its way, from the first failure until something works again', async () => {
    await group.producer.send(group.records(200));
    let isAway = true;
    group.store.beforeApply = async () => {
      if (isAway) throw new Fault('store_unreachable', 'the store is away');
    };
    const begun = Date.now();
    const member = await group.join();
    expect(member.obstacle()).toBeUndefined();
    await eventually(
      () => member.obstacle() !== undefined,
      () => group.store.opened,
    );
    const first = member.obstacle();
    expect(first).toMatchObject({ reason: 'the store is away' });
    expect(first?.since).toBeGreaterThanOrEqual(begun);
    isAway = false;
    await group.applied(200);
    await eventually(
      () => member.obstacle() === undefined,
      () => member.obstacle(),
    );
  });

  test('repeats a stretch while its store is away', async () => {
    const sent = group.records(200);
    await group.producer.send(sent);
    let failures = 5;
    group.store.beforeApply = async () => {
      failures -= 1;
      if (failures >= 0) throw new Fault('store_unreachable', 'away');
    };
    await group.join();
    await group.applied(sent.length);
    expect(group.store.values).toEqual(expected(sent, PARTITIONS));
    expect(group.store.opened).toBe(PARTITIONS);
  });

  test('stops on a bug and says so once', async () => {
    await group.producer.send(group.records(200));
    group.store.beforeApply = () => Promise.reject(new Error('bug'));
    await group.join();
    await eventually(
      () => group.fatal.length > 0,
      () => group.fatal,
    );
    expect(group.fatal).toEqual([new Error('bug')]);
    expect(group.store.count).toBe(0);
  });
});

describe('what is applied', () => {
  test('waits for more to come when told to linger', async () => {
    const stretches: number[] = [];
    group.store.beforeApply = (batch) => {
      stretches.push(batch.records.length);
      return Promise.resolve();
    };
    const member = await group.join({ lingerMs: 60_000, batchRecordsMax: 10 });
    await eventually(
      () => partitionsOf(member) === PARTITIONS,
      () => member.lag(),
    );
    const topic = group.installation.topics.input[0] ?? '';
    for (let index = 0; index < 25; index += 1) {
      await group.producer.send([{ topic, key: 'one', value: Buffer.from(String(index)) }]);
    }
    await group.applied(20);
    expect(stretches).toEqual([10, 10]);
  });

  test('must come from topics with one partition count', async () => {
    const { input, deadLetters } = group.installation.topics;
    await group.join({ topics: [...input, deadLetters] });
    await eventually(
      () => group.fatal.length > 0,
      () => group.store.opened,
    );
    expect(group.fatal).toMatchObject([{ code: 'partition_mismatch' }]);
    expect(group.store.opened).toBe(0);
  });
});

describe('a group of two', () => {
  test('shares partitions, and hands them over without loss or doubling', async () => {
    const before = group.records(2_000);
    await group.producer.send(before);
    await group.join({ batchRecordsMax: 20 });
    const second = await group.join({ batchRecordsMax: 20 });
    await eventually(
      () => partitionsOf(second) === PARTITIONS / 2,
      () => second.lag(),
    );

    const during = group.records(2_000, 2_000);
    await group.producer.send(during);
    await second.close();
    const after = group.records(1_000, 4_000);
    await group.producer.send(after);
    await group.applied(5_000);
    expect(group.store.values).toEqual(expected([...before, ...during, ...after], PARTITIONS));
  });

  test('gives one partition of all topics to one member', async () => {
    const first = await group.join();
    const second = await group.join();
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
    const sent = group.records(400);
    await group.producer.send(sent);
    const { promise: released, resolve: release } = Promise.withResolvers<void>();
    group.store.beforeApply = () => released;
    await group.join();
    await eventually(
      () => group.store.opened === PARTITIONS,
      () => group.store.opened,
    );
    // Another owner turns up behind the group's back.
    for (let partition = 0; partition < PARTITIONS; partition += 1)
      await group.store.open(partition);
    release();
    await eventually(
      () => group.store.closed === PARTITIONS,
      () => group.store.closed,
    );
    expect(group.store.fenced).toBe(PARTITIONS);
    expect(group.store.count).toBe(0);
    expect(group.fatal).toEqual([]);
  });

  test('a claim of an assignment that is over, which arrives late, does not leave a partition without anybody', async () => {
    const first = group.records(400);
    await group.producer.send(first);
    await group.join();
    await group.applied(first.length);
    await group.store.open(0);
    const second = group.records(400, 400);
    await group.producer.send(second);
    await group.applied(first.length + second.length);
    expect(group.store.fenced).toBe(1);
    expect(group.store.opened).toBe(PARTITIONS + 2);
    expect(group.store.values).toEqual(expected([...first, ...second], PARTITIONS));
  });

  test('a rival outside the group, who takes a partition again and again, is fatal', async () => {
    await group.producer.send(group.records(400));
    group.store.beforeApply = async ({ partition }) => {
      if (partition === 0) await group.store.open(0);
    };
    await group.join({ displacedMsMax: 3_000 });
    await eventually(
      () => group.fatal.length > 0,
      () => group.store.fenced,
    );
    expect(group.fatal).toMatchObject([{ code: 'ownership_lost' }]);
    expect(group.store.fenced).toBeGreaterThan(1);
  });

  test('who does not claim again waits, and then gives up', async () => {
    await group.producer.send(group.records(400));
    const { promise: released, resolve: release } = Promise.withResolvers<void>();
    group.store.beforeApply = () => released;
    await group.join({ displacedMsMax: 2_000, claimsAgain: false });
    await eventually(
      () => group.store.opened === PARTITIONS,
      () => group.store.opened,
    );
    await group.store.open(0);
    release();
    await eventually(
      () => group.fatal.length > 0,
      () => group.store.fenced,
    );
    expect(group.fatal).toMatchObject([{ code: 'ownership_lost' }]);
    expect(group.store.opened).toBe(PARTITIONS + 1);
  });
});
