import { type EngineNode, type RunningEngines } from '@kpi/engines';
import { type RedisClient, closeRedis, createRedis, mastersOf } from '@kpi/redis';
import { createLog, pause } from '@kpi/runtime';

import { listenerOf } from '../load/process-usage.ts';
import { type Pipeline, until } from '../support/pipeline.ts';
import { type Draw } from './draw.ts';

const SILENT = createLog({ name: 'chaos', level: 'silent' });
/** Above the time after which the members of a cluster, or the controllers of the brokers, give a silent one up. */
const FROZEN_MS = 8_000;
const RECOVERED_MS = 90_000;
/** How long a replica is kept from following before its master is killed. */
const DEAF_MS = 600;

export interface EngineActOptions {
  readonly pipeline: Pipeline;
  readonly nodes: RunningEngines['nodes'];
  readonly draw: Draw;
  /** Called when the harm is done and the engine may begin to heal. */
  readonly onHarm: () => void;
}

/**
 * Kill the Redis master that holds most of what is stored; its replica takes over, then it comes back as a replica. In half of
 * the cases the replica was cut off for a moment before: what the master acknowledged then is lost.
 */
export async function failOver(options: EngineActOptions): Promise<string> {
  const { pipeline, nodes, draw, onHarm } = options;
  const victim = await busiestMaster(options);
  const servers = nodes.KPI_REDIS_URL;
  const deaf = draw.chance(0.5) ? await deafen(servers, victim) : undefined;
  await victim.kill();
  onHarm();
  await untilServed(pipeline);
  if (deaf !== undefined) await told(deaf, (node) => node.config('SET', 'masterauth', ''));
  await victim.start();
  await untilReplicated(servers);
  return `lost a Redis master${deaf === undefined ? '' : ' whose replica was cut off'}`;
}

/** Let a Redis master stand still until its replica has taken over; it wakes as a master that nobody follows. */
export async function freezeMaster(options: EngineActOptions): Promise<string> {
  const { pipeline, nodes, onHarm } = options;
  const victim = await busiestMaster(options);
  await standStill(await victim.pid(), onHarm);
  await untilServed(pipeline);
  await untilReplicated(nodes.KPI_REDIS_URL);
  return 'a Redis master stood still';
}

/** Kill the broker that leads most partitions, and start it again while the others lead. */
export async function loseLeader(options: EngineActOptions): Promise<string> {
  const { pipeline, draw, onHarm } = options;
  const victim = await busiestBroker(options);
  await victim.kill();
  onHarm();
  await pause(3_000 + draw.below(4_000));
  await victim.start();
  await untilInSync(pipeline);
  return 'lost the broker that led most';
}

/** Let the broker that leads most stand still until it is taken for dead. */
export async function freezeBroker(options: EngineActOptions): Promise<string> {
  const { pipeline, onHarm } = options;
  const victim = await busiestBroker(options);
  await standStill(await victim.pid(), onHarm);
  await untilInSync(pipeline);
  return 'the broker that led most stood still';
}

/** Let ClickHouse stand still for a moment. */
export async function freezeHistory({ pipeline, onHarm }: EngineActOptions): Promise<string> {
  const pid = await listenerOf(Number(new URL(pipeline.config.KPI_CLICKHOUSE_URL).port));
  if (pid === undefined) throw new Error('ClickHouse does not run on this machine');
  await standStill(pid, onHarm);
  return 'ClickHouse stood still';
}

/** A process that stands still and does not know. It wakes whatever happens. */
async function standStill(pid: number, onHarm: () => void): Promise<void> {
  process.kill(pid, 'SIGSTOP');
  onHarm();
  try {
    await pause(FROZEN_MS);
  } finally {
    process.kill(pid, 'SIGCONT');
  }
}

async function busiestMaster({ pipeline, nodes }: EngineActOptions): Promise<EngineNode> {
  const prefix = pipeline.config.KPI_REDIS_PREFIX;
  const loads = await Promise.all(
    mastersOf(pipeline.redis).map(async (node) => ({
      port: node.options.port,
      keys: (await node.keys(`${prefix}:{*}:owner`)).length,
    })),
  );
  const [busiest] = loads.toSorted((a, b) => b.keys - a.keys);
  return nodeOf(nodes.KPI_REDIS_URL, (url) => url.endsWith(`:${busiest?.port}`));
}

async function busiestBroker({ pipeline, nodes }: EngineActOptions): Promise<EngineNode> {
  const leads = new Map<number, number>();
  for (const { leader } of await partitionsOf(pipeline))
    leads.set(leader, (leads.get(leader) ?? 0) + 1);
  const [first] = [...leads].toSorted(([, a], [, b]) => b - a);
  // Brokers are numbered from 1, in the order of their addresses.
  const node = nodes.KPI_KAFKA_BROKERS[(first?.[0] ?? 0) - 1];
  if (node === undefined) throw new RangeError('no broker leads');
  return node;
}

function nodeOf(nodes: readonly EngineNode[], is: (url: string) => boolean): EngineNode {
  const node = nodes.find(({ url }) => is(url));
  if (node === undefined) throw new RangeError('no such node');
  return node;
}

/** Keep the replica of a master from following for a moment, while the master goes on to acknowledge. Answers who it is. */
async function deafen(nodes: readonly EngineNode[], master: EngineNode): Promise<EngineNode> {
  const states = await Promise.all(nodes.map(replicationOf));
  const { port } = new URL(master.url);
  const replica = nodes[states.findIndex((state) => state.includes(`master_port:${port}\r`))];
  if (replica === undefined) throw new RangeError(`nobody follows ${master.url}`);
  // A password that the master does not ask for: it refuses the replica, until that is asked to forget it.
  await told(replica, (node) => node.config('SET', 'masterauth', 'deaf'));
  await told(master, (node) => node.call('CLIENT', 'KILL', 'TYPE', 'replica'));
  await pause(DEAF_MS);
  return replica;
}

async function told<T>({ url }: EngineNode, work: (node: RedisClient) => Promise<T>): Promise<T> {
  const node = await createRedis({ KPI_REDIS_URL: url }, SILENT);
  try {
    return await work(node);
  } finally {
    await closeRedis(node);
  }
}

/** Until every key of the installation can be asked for again. */
async function untilServed(pipeline: Pipeline): Promise<void> {
  await until(
    'all slots are served',
    () =>
      pipeline
        .view()
        .reload()
        .then(
          () => true,
          () => false,
        ),
    RECOVERED_MS,
  );
}

/** Until every replica has what its master has; else the next loss of a master would have no successor. */
async function untilReplicated(nodes: readonly EngineNode[]): Promise<void> {
  await until(
    'all replicas follow',
    async () => {
      const states = await Promise.all(nodes.map(replicationOf));
      const isWhole = states.filter((state) => state.includes('role:slave')).length >= 3;
      return isWhole && states.every(isFollowing);
    },
    RECOVERED_MS,
  );
}

function isFollowing(state: string): boolean {
  return state.includes('role:master') || state.includes('master_link_status:up');
}

function replicationOf(node: EngineNode): Promise<string> {
  return told(node, (client) => client.info('replication')).catch(() => '');
}

/** Until every partition has all its replicas; else the next loss of a broker could stop all writing. */
async function untilInSync(pipeline: Pipeline): Promise<void> {
  await until(
    'all replicas are in sync',
    async () => {
      const partitions = await partitionsOf(pipeline).catch(() => []);
      const isWhole = partitions.every(({ replicas, isr }) => isr.length === replicas.length);
      return partitions.length > 0 && isWhole;
    },
    RECOVERED_MS,
  );
}

async function partitionsOf({ kafka, topics }: Pipeline) {
  const admin = kafka.admin();
  try {
    await admin.connect();
    const metadata = await admin.fetchTopicMetadata({ topics: [...topics.input] });
    return metadata.topics.flatMap(({ partitions }) => partitions);
  } finally {
    await admin.disconnect();
  }
}
