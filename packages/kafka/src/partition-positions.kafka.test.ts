import { Fault } from '@kpi/core';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';

import { withAdmin } from './admin.ts';
import { partitionOf } from './record-key.ts';
import { TestGroup, expected } from './test-group.ts';
import { eventually } from './test-installation.ts';

const PARTITIONS = 4;

let group: TestGroup;

beforeEach(async () => {
  group = await TestGroup.create(PARTITIONS);
});

afterEach(() => group.close());

/** As retention does it. */
async function deleteRecords(what: {
  readonly topic: string;
  readonly partition: number;
  readonly before: number;
}): Promise<void> {
  const { topic, partition, before } = what;
  await withAdmin(group.installation.kafka, async (admin) => {
    await admin.fetchTopicOffsets(topic);
    await admin.deleteTopicRecords({ topic, partitions: [{ partition, offset: String(before) }] });
  });
}

describe('a store that falls back to an older state', () => {
  /** Partition 0 forgets everything; whoever owned it is told so once. */
  function fallBack(): () => Promise<void> {
    for (const topic of group.installation.topics.input) group.store.values.delete(`${topic}/0`);
    group.store.positions.delete(0);
    let isTold = false;
    return () => {
      if (isTold) return Promise.resolve();
      isTold = true;
      return Promise.reject(new Fault('store_set_back', 'a replica took over'));
    };
  }

  test('is read into again from where it stands, as soon as a stretch is refused', async () => {
    const sent = group.records(1_200);
    await group.producer.send(sent.slice(0, 600));
    await group.join();
    await group.applied(600);
    const refuse = fallBack();
    group.store.beforeApply = ({ partition }) => (partition === 0 ? refuse() : Promise.resolve());
    await group.producer.send(sent.slice(600));
    await group.applied(sent.length);
    expect(group.store.values).toEqual(expected(sent, PARTITIONS));
    expect(group.store.opened).toBe(PARTITIONS + 1);
  });

  test('is noticed although nothing more comes', async () => {
    const sent = group.records(600);
    await group.producer.send(sent);
    await group.join();
    await group.applied(sent.length);
    const refuse = fallBack();
    group.store.beforeConfirm = (partition) => (partition === 0 ? refuse() : Promise.resolve());
    await group.applied(sent.length);
    expect(group.store.values).toEqual(expected(sent, PARTITIONS));
    expect(group.store.opened).toBe(PARTITIONS + 1);
    expect(group.store.closed).toBe(1);
  });
});

describe('a position outside the log', () => {
  test('before its start stops consuming and says what to do', async () => {
    const topic = group.installation.topics.input[0] ?? '';
    await group.producer.send([...group.records(600)].map((record) => ({ ...record, topic })));
    for (const partition of [0, 1, 2, 3]) await deleteRecords({ topic, partition, before: 10 });
    group.store.positions.set(0, new Map([[topic, 3]]));
    await group.join();
    await eventually(
      () => group.fatal.length > 0,
      () => group.store.count,
    );
    expect(group.fatal).toMatchObject([{ code: 'offset_lost' }]);
    expect(String(group.fatal[0])).toMatch(
      /position 3 in partition 0 of topic .* holds 10 to \d+; rebuild/,
    );
    expect(group.store.positions.get(0)?.get(topic)).toBe(3);
  });

  test('after its end stops consuming too', async () => {
    const topic = group.installation.topics.input[0] ?? '';
    group.store.positions.set(1, new Map([[topic, 5_000]]));
    await group.join();
    await eventually(
      () => group.fatal.length > 0,
      () => group.store.count,
    );
    expect(group.fatal).toMatchObject([{ code: 'offset_lost' }]);
  });

  test('that falls out of the log while reading stops consuming', async () => {
    const topic = group.installation.topics.input[0] ?? '';
    const key = 'one';
    const partition = partitionOf(key, PARTITIONS);
    const value = Buffer.alloc(100_000, 'x');
    const { promise: released, resolve: release } = Promise.withResolvers<void>();
    let inHand = 0;
    group.store.beforeApply = () => {
      inHand += 1;
      return released;
    };
    await group.producer.send(Array.from({ length: 100 }, () => ({ topic, key, value })));
    await group.join();
    await eventually(
      () => inHand > 0,
      () => group.store.opened,
    );
    await deleteRecords({ topic, partition, before: 95 });
    release();
    await eventually(
      () => group.fatal.length > 0,
      () => [...group.store.positions],
    );
    expect(group.fatal).toMatchObject([{ code: 'offset_lost' }]);
  });
});

describe('a log with gaps', () => {
  test('left by transactions is read to its end', async () => {
    const topic = group.installation.topics.input[0] ?? '';
    const key = 'one';
    const theirs = group.installation.kafka.producer({
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
    const member = await group.join();
    await group.applied(2);
    expect([...group.store.values.values()]).toEqual([['kept', 'kept too']]);
    await eventually(
      () => member.lag().every(({ lag }) => lag === 0),
      () => member.lag(),
    );
    expect(group.store.positions.get(partitionOf(key, PARTITIONS))?.get(topic)).toBe(6);
  });
});
