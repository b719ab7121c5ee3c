import { Fault } from '@kpi/core';

import { type RedisClient, reach } from './connection.ts';
import { mastersOf } from './nodes.ts';

/** What one Redis server says of itself. */
export interface RedisServer {
  readonly version: string;
  readonly role: string;
  /** `maxmemory-policy`; undefined when the server does not say. */
  readonly policy: string | undefined;
  readonly usedBytes: number;
  /** 0: no limit but the machine's. */
  readonly maxBytes: number;
  /** Keys thrown away under memory pressure since the server started. */
  readonly evictedKeys: number;
}

/** The oldest version that the tests run on. Valkey names the Redis that it is compatible with. */
const VERSION_MIN = [7, 0] as const;
/** Of the infos of a server these sections are read. */
const SECTIONS = ['server', 'replication', 'memory', 'stats'] as const;

/** The servers that hold keys: one, or every master of a cluster. Throws `store_unreachable`. */
export function readServers(client: RedisClient): Promise<readonly RedisServer[]> {
  return Promise.all(
    mastersOf(client).map(async (node) => {
      const sections = await Promise.all(
        SECTIONS.map((section) => reach(`read info ${section}`, node.info(section))),
      );
      return serverOf(sections.join('\n'));
    }),
  );
}

/**
 * Throws when a server cannot keep exact state: `store_evicts` when it may throw keys away under memory pressure,
 * `store_unsuitable` for a replica, which accepts no writes, and for a version that is too old.
 */
export async function assertSuitable(client: RedisClient): Promise<void> {
  for (const server of await readServers(client)) {
    const unsuitable = faultOf(server);
    if (unsuitable !== undefined) throw unsuitable;
  }
}

/** Why a server must not be written to; undefined for one that is fit. */
export function faultOf({ version, role, policy }: RedisServer): Fault | undefined {
  if (isOlder(version))
    return new Fault(
      'store_unsuitable',
      `Redis has version ${version}; ${VERSION_MIN.join('.')} or newer is needed`,
    );
  if (role !== 'master')
    return new Fault(
      'store_unsuitable',
      `KPI_REDIS_URL names a ${role}; name the primary, replicas accept no writes`,
    );
  if (policy !== undefined && policy !== 'noeviction')
    return new Fault(
      'store_evicts',
      `Redis has maxmemory-policy ${policy}; set it to noeviction, state must not be evicted`,
    );
  return undefined;
}

/** What `INFO` says, as far as it is of use here. */
export function serverOf(info: string): RedisServer {
  const text = (name: string): string | undefined =>
    new RegExp(`^${name}:(\\S+)`, 'm').exec(info)?.[1];
  const number = (name: string): number => Number(text(name) ?? 0);
  return {
    version: text('redis_version') ?? '0',
    role: text('role') ?? 'unknown',
    policy: text('maxmemory_policy'),
    usedBytes: number('used_memory'),
    maxBytes: number('maxmemory'),
    evictedKeys: number('evicted_keys'),
  };
}

function isOlder(version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return major < VERSION_MIN[0] || (major === VERSION_MIN[0] && minor < VERSION_MIN[1]);
}
