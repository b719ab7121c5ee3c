import { join } from 'node:path';

import { Fault } from '@kpi/core';
import { pause } from '@kpi/runtime';

import { LOOPBACK } from '../process/ports.ts';
import { ask } from '../process/readiness.ts';
import { type Engine, type EngineOptions } from './engine.ts';
import { startRedisServer } from './redis.ts';
import { engineOf, startNodes } from './supervised-node.ts';

const MASTERS = 3;
/** Members of a cluster: each master has one replica. */
export const CLUSTER_NODES = 2 * MASTERS;
const SLOTS = 16_384;
/** Silence after which the others call a member dead and its replica takes over, ms. */
const NODE_TIMEOUT_MS = 5_000;
const FORMED_MS_MAX = 60_000;
const POLL_MS = 100;

export interface RedisClusterOptions extends Omit<EngineOptions, 'port'> {
  /** One pair per member: first the masters, then their replicas in the same order. */
  readonly members: readonly MemberPorts[];
}

interface MemberPorts {
  readonly port: number;
  /** Where the members speak to each other. */
  readonly busPort: number;
}

/** A Redis Cluster of three masters with a replica each. `url` is a comma-separated list of redis:// URLs. */
export async function startRedisCluster(options: RedisClusterOptions): Promise<Engine> {
  const { members, directory } = options;
  const nodes = await startNodes(
    members.map(({ port, busPort }, index) =>
      startRedisServer({
        ...options,
        port,
        directory: join(directory, String(index + 1)),
        name: `Redis ${index + 1}`,
        settings: [
          'cluster-enabled yes',
          `cluster-port ${busPort}`,
          `cluster-announce-ip ${LOOPBACK}`,
          'cluster-config-file nodes.conf',
          `cluster-node-timeout ${NODE_TIMEOUT_MS}`,
          'repl-diskless-sync-delay 0',
        ],
      }),
    ),
  );
  const cluster = engineOf(nodes);
  try {
    await formCluster(members);
  } catch (error) {
    await cluster.close();
    throw error;
  }
  return cluster;
}

/**
 * Introduce the members to each other, also when they know each other from an earlier run: their ports may be new. Slots and
 * replicas are shared out the first time only.
 */
async function formCluster(members: readonly MemberPorts[]): Promise<void> {
  const deadline = AbortSignal.timeout(FORMED_MS_MAX);
  const [first, ...others] = members;
  if (first === undefined) return;
  const isNew = /cluster_slots_assigned:0\r/.test(await tell(first, 'CLUSTER INFO'));
  if (isNew) await shareSlots(members.slice(0, MASTERS));
  for (const { port, busPort } of others)
    await tell(first, `CLUSTER MEET ${LOOPBACK} ${port} ${busPort}`);
  await each(members, deadline, async (member) =>
    (await tell(member, 'CLUSTER INFO')).includes(`cluster_known_nodes:${members.length}\r`),
  );
  if (isNew) await attachReplicas(members, deadline);
  await each(members, deadline, async (member) =>
    (await tell(member, 'CLUSTER INFO')).includes('cluster_state:ok'),
  );
}

async function shareSlots(masters: readonly MemberPorts[]): Promise<void> {
  for (const [index, master] of masters.entries()) {
    const from = Math.floor((SLOTS * index) / masters.length);
    const to = Math.floor((SLOTS * (index + 1)) / masters.length) - 1;
    await tell(master, `CLUSTER SET-CONFIG-EPOCH ${index + 1}`);
    await tell(master, `CLUSTER ADDSLOTSRANGE ${from} ${to}`);
  }
}

async function attachReplicas(
  members: readonly MemberPorts[],
  deadline: AbortSignal,
): Promise<void> {
  for (const [index, replica] of members.slice(MASTERS).entries()) {
    const master = members[index];
    if (master === undefined) continue;
    const answer = await tell(master, 'CLUSTER MYID');
    const id = answer.split('\r\n')[1] ?? '';
    // News of the master travels: until it has, the replica answers that it does not know it.
    await each([replica], deadline, async ({ port }) => {
      const said = await ask(port, `CLUSTER REPLICATE ${id}\r\n`);
      return said?.startsWith('+OK') ?? false;
    });
  }
  await each(members.slice(MASTERS), deadline, async (replica) =>
    (await tell(replica, 'INFO replication')).includes('master_link_status:up'),
  );
}

/** Wait until every member answers as expected. */
async function each(
  members: readonly MemberPorts[],
  deadline: AbortSignal,
  holds: (member: MemberPorts) => Promise<boolean>,
): Promise<void> {
  for (const member of members) {
    while (!(await holds(member))) {
      if (deadline.aborted)
        throw new Fault('engine_failed', 'the members of the Redis Cluster do not agree');
      await pause(POLL_MS, deadline);
    }
  }
}

/** The answer to a command, as it comes over the wire. Throws when there is none, or an error. */
async function tell({ port }: MemberPorts, command: string): Promise<string> {
  const answer = await ask(port, `${command}\r\n`);
  if (answer === undefined || answer.startsWith('-'))
    throw new Fault('engine_failed', `Redis refused ${command}: ${answer ?? 'no answer'}`);
  return answer;
}
