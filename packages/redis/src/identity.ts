import { readFileSync } from 'node:fs';

import { Fault, type Subject } from '@kpi/core';
import { z } from 'zod';

import { type RedisClient, reach } from './connection.ts';
import { type MembershipChange } from './membership.ts';
import { loadScript, runScript } from './script.ts';
import { tenantKey } from './tenant-key.ts';

/** What is known of the users asked for; a user nothing is known of is absent. */
export type Timelines = ReadonlyMap<string, readonly MembershipChange[]>;

/**
 * Who belonged to which account when, per tenant. Ingest resolves events that name only a user against it. Every ingest
 * process reads Redis for each batch, in one command, instead of caching: a join acknowledged by one process must
 * decide the key of the next event at any other.
 */
export interface Identity {
  /** Timelines of these users, in one round trip. Throws `store_unreachable`. */
  timelines(tenantId: string, userIds: readonly string[]): Promise<Timelines>;
  /** Add changes; those already known are not added again. Atomic per call. Throws `store_unreachable`. */
  record(tenantId: string, changes: readonly MembershipChange[]): Promise<void>;
  /** Forget a subject of a tenant; returns how many users had a change that named it. Throws `store_unreachable`. */
  forget(tenantId: string, subject: Subject): Promise<number>;
}

export interface IdentityOptions {
  readonly client: RedisClient;
  /** KPI_REDIS_PREFIX. */
  readonly prefix: string;
}

/** A script that long blocks Redis for a few milliseconds; more changes go in several. */
const CHANGES_PER_SCRIPT_MAX = 1_000;
const RECORD_MEMBERSHIPS = readFileSync(
  new URL('../lua/record-memberships.lua', import.meta.url),
  'utf8',
);

const FORGET_ACCOUNT = loadScript('forget-account');

/** One change as Redis holds it: a JSON array in a line of its own. JSON escapes line breaks, whatever the ids contain. */
const storedChange = z.tuple([
  z.string(),
  z.string(),
  z.number(),
  z.number(),
  z.enum(['joined', 'left']),
  z.string(),
  z.string().nullable(),
]);

export function createIdentity({ client, prefix }: IdentityOptions): Identity {
  const keyOf = (tenantId: string): string => tenantKey(prefix, tenantId, 'memberships');
  return {
    async timelines(tenantId, userIds) {
      if (userIds.length === 0) return new Map();
      const values = await reach('read memberships', client.hmget(keyOf(tenantId), ...userIds));
      return new Map(
        userIds.flatMap((userId, index) => {
          const lines = values[index];
          return typeof lines === 'string' ? [[userId, decodeTimeline(userId, lines)]] : [];
        }),
      );
    },
    async record(tenantId, changes) {
      for (let from = 0; from < changes.length; from += CHANGES_PER_SCRIPT_MAX) {
        const part = changes.slice(from, from + CHANGES_PER_SCRIPT_MAX);
        await recordOnce(client, keyOf(tenantId), part);
      }
    },
    forget: (tenantId, { kind, id }) =>
      kind === 'user'
        ? reach('forget memberships', client.hdel(keyOf(tenantId), id))
        : forgetAccount(client, keyOf(tenantId), id),
  };
}

async function recordOnce(
  client: RedisClient,
  key: string,
  changes: readonly MembershipChange[],
): Promise<void> {
  const pairs = changes.flatMap((change) => [change.userId, encodeChange(change)]);
  await reach('record memberships', client.eval(RECORD_MEMBERSHIPS, 1, key, ...pairs));
}

const SCANNED_AT_ONCE = 1_000;

async function forgetAccount(client: RedisClient, key: string, accountId: string): Promise<number> {
  let forgotten = 0;
  let cursor = '0';
  do {
    const [next, found] = await reach(
      'forget memberships',
      client.hscan(key, cursor, 'COUNT', SCANNED_AT_ONCE),
    );
    cursor = next;
    for (let at = 0; at < found.length; at += 2)
      forgotten += await forgetIn(client, key, { userId: found[at] ?? '', accountId });
  } while (cursor !== '0');
  return forgotten;
}

/** Until nobody has added a change meanwhile. */
async function forgetIn(
  client: RedisClient,
  key: string,
  { userId, accountId }: { readonly userId: string; readonly accountId: string },
): Promise<number> {
  for (;;) {
    const lines = await reach('forget memberships', client.hget(key, userId));
    const all = lines === null ? [] : lines.split('\n');
    const rest = all.filter((line) => decodeChange(userId, line).accountId !== accountId);
    if (rest.length === all.length) return 0;
    const args = [userId, lines ?? '', rest.join('\n')];
    if ((await runScript(client, FORGET_ACCOUNT, { keys: [key], args })) === 1) return 1;
  }
}

function encodeChange(change: MembershipChange): string {
  const { source, eventId, sourceVersion, at, kind, accountId, retracts } = change;
  const stored: z.infer<typeof storedChange> = [
    source,
    eventId,
    sourceVersion,
    at,
    kind,
    accountId,
    retracts,
  ];
  return JSON.stringify(stored);
}

function decodeTimeline(userId: string, lines: string): readonly MembershipChange[] {
  return lines.split('\n').map((line) => decodeChange(userId, line));
}

function decodeChange(userId: string, line: string): MembershipChange {
  const result = storedChange.safeParse(JSON.parse(line));
  if (!result.success) throw new Fault('store_corrupt', 'a membership has an unknown form');
  const [source, eventId, sourceVersion, at, kind, accountId, retracts] = result.data;
  return { userId, source, eventId, sourceVersion, at, kind, accountId, retracts };
}
