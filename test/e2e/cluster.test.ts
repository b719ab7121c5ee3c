import { Fault } from '@kpi/core';
import {
  type EventProducer,
  type OutgoingRecord,
  createEventProducer,
  partitionOf,
} from '@kpi/kafka';
import {
  ArchiveLedger,
  LiveStore,
  ValueBoard,
  archivedOffsets,
  createApiKeys,
  createIdentity,
  createTenantSalts,
  keysOf,
  mastersOf,
} from '@kpi/redis';
import { systemClock } from '@kpi/runtime';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { runChaos } from '../chaos/chaos.ts';
import { expectClean } from '../chaos/expect-clean.ts';
import { type Pipeline, createPipeline, until } from '../support/pipeline.ts';
import { type ScratchEngines, openEngines } from '../support/start-engines.ts';

const PARTITIONS = 8;
const TENANTS = ['acme', 'globex', 'initech', 'umbrella'] as const;
const TOPIC = 'kpi.lms.v1';

/** Three brokers and a Redis Cluster; the registry and ClickHouse are those of the run. */
let engines: ScratchEngines;
let pipeline: Pipeline;

beforeAll(async () => {
  const { KPI_REGISTRY_URL, KPI_CLICKHOUSE_URL } = process.env;
  engines = await openEngines({
    brokers: 3,
    redis: 'cluster',
    environment: { KPI_REGISTRY_URL, KPI_CLICKHOUSE_URL },
  });
  pipeline = await createPipeline(PARTITIONS, { ...engines.urls });
});

afterAll(async () => {
  await pipeline.close();
  await engines.close();
});

test('topics have three replicas, of which two must have a record', async () => {
  const admin = pipeline.kafka.admin();
  await admin.connect();
  const { topics } = await admin.fetchTopicMetadata({ topics: [...pipeline.topics.input] });
  await admin.disconnect();
  const replicas = topics.flatMap(({ partitions }) => partitions.map((one) => one.replicas.length));
  expect(replicas).toEqual(Array.from({ length: PARTITIONS * topics.length }, () => 3));
});

test('what is acknowledged is in the log, also of a partition whose leader has just moved', async () => {
  const [topic = ''] = pipeline.topics.input;
  const producer = createEventProducer({ kafka: pipeline.kafka, log: pipeline.log });
  const admin = pipeline.kafka.admin();
  await admin.connect();
  try {
    const records = Array.from({ length: PARTITIONS }, (_, partition) => ({
      topic,
      key: keyOf(partition),
      value: Buffer.from('moved'),
    }));
    const ends = async (): Promise<readonly number[]> =>
      (await admin.fetchTopicOffsets(topic))
        .toSorted((a, b) => a.partition - b.partition)
        .map(({ offset }) => Number(offset));
    const partitions = async () =>
      (await admin.fetchTopicMetadata({ topics: [topic] })).topics.flatMap((one) => one.partitions);
    // From now on the producer knows who leads, and does not ask again.
    await producer.send(records);
    for (const { partitionId, leader, replicas } of await partitions()) {
      const before = await ends();
      const others = replicas.filter((node) => node !== leader);
      const partitionAssignment = [{ partition: partitionId, replicas: others }];
      await admin.alterPartitionReassignments({ topics: [{ topic, partitionAssignment }] });
      await until('the leader has moved', async () =>
        (await partitions()).some(
          (one) => one.partitionId === partitionId && one.leader !== leader,
        ),
      );
      await sent(producer, records);
      const grown = (await ends()).map((end, partition) => end - (before[partition] ?? 0));
      expect(Math.min(...grown), `partition ${partitionId}: ${grown.join(' ')}`).toBeGreaterThan(0);
    }
  } finally {
    await admin.disconnect();
    await producer.close();
  }
});

/** A key that lies in a partition. */
function keyOf(partition: number): string {
  for (let number = 0; ; number += 1)
    if (partitionOf(`key-${number}`, PARTITIONS) === partition) return `key-${number}`;
}

/** As every sender does: what was not acknowledged is sent again. */
async function sent(producer: EventProducer, records: readonly OutgoingRecord[]): Promise<void> {
  try {
    await producer.send(records);
  } catch (error) {
    if (!(error instanceof Fault && error.code === 'broker_unreachable')) throw error;
    await sent(producer, records);
  }
}

test('everything that is kept in Redis works where its keys lie on several masters', async () => {
  const options = { client: pipeline.redis, prefix: pipeline.config.KPI_REDIS_PREFIX };
  const keys = createApiKeys({ ...options, areRequired: true, clock: systemClock });
  const identity = createIdentity(options);
  const salts = createTenantSalts(options);
  const change = { userId: 'ann', accountId: 'a1', kind: 'joined', at: 1, source: 'test' } as const;
  for (const tenantId of TENANTS) {
    await keys.create({ tenantId, scopes: ['read'], label: 'test' });
    await identity.record(tenantId, [
      { ...change, eventId: tenantId, sourceVersion: 0, retracts: null },
    ]);
    expect((await identity.timelines(tenantId, ['ann', 'bob'])).size).toBe(1);
    expect(await createTenantSalts(options).saltOf(tenantId)).toEqual(await salts.saltOf(tenantId));
  }
  expect((await keys.list()).length).toBe(TENANTS.length);

  const store = new LiveStore(options);
  const ledger = new ArchiveLedger(options);
  for (let partition = 0; partition < PARTITIONS; partition += 1) {
    const owned = await store.claim(partition, 'test');
    expect(await owned.loadHomes(['acme\u001fa1', 'acme\u001fa2'])).toHaveLength(2);
    await owned.confirm();
    const archivist = await ledger.claim(partition, 'test');
    const plan = { ranges: [{ topic: TOPIC, from: 0, to: 5 }], erasures: 0 };
    await archivist.plan(plan);
    await archivist.commit(plan, { refused: new Map(), erased: new Map() });
  }
  const archived = await archivedOffsets(pipeline.redis, pipeline.config);
  expect([...archived.values()]).toEqual(Array.from({ length: PARTITIONS }, () => 5));

  const board = new ValueBoard(options);
  const lease = await board.hold('test', 5_000);
  if (lease === undefined) throw new Error('nobody else holds the lease');
  await board.publish(lease, [{ address: 'one', json: '{}' }]);
  expect([...(await board.current()).values].map(([address]) => address)).toEqual(['one']);

  const masters = mastersOf(pipeline.redis);
  const shares = await Promise.all(masters.map((node) => node.keys(`${options.prefix}:*`)));
  expect(shares.filter((share) => share.length > 0)).toHaveLength(3);
  expect(await keysOf(pipeline.redis, `${options.prefix}:*`)).toHaveLength(shares.flat().length);
});

test('the loss of a Redis master and of the leading broker: nothing is lost or counted twice', async () => {
  const seed = Number(process.env['CHAOS_SEED'] ?? Date.now() % 1_000_000);
  const report = await runChaos({
    seed,
    rounds: ['lose a Redis master', 'lose the leading broker'],
    eventsPerRound: 1_000,
    sessionTimeoutMs: 3_000,
    engines,
    onProgress: (line) => console.info(`seed ${seed}: ${line}`),
  });
  expectClean(report);
});
