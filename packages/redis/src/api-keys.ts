import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';

import { Fault } from '@kpi/core';

import { decodeKey, encodeKey, type KeyScope, type StoredKey } from './api-key-record.ts';
import { type RedisClient, reach } from './connection.ts';

export { KEY_SCOPES, type KeyScope } from './api-key-record.ts';

/** A key as lists show it: all but the secret, which is known to its holder only. */
export interface ApiKey {
  readonly keyId: string;
  readonly tenantId: string;
  readonly scopes: readonly KeyScope[];
  /** What its owner calls it, such as the program that uses it. */
  readonly label: string;
  /** ms since the epoch. */
  readonly createdAt: number;
}

/** Who sent a request. Without a key, `keyId` is null and the tenant is the one the request names. */
export interface Caller {
  readonly tenantId: string;
  readonly keyId: string | null;
}

/** The two headers that identify a caller, as any HTTP library gives them. */
export interface CallerHeaders {
  /** `Bearer <key>`, or `Basic` with the key as the user name. */
  readonly authorization: string | undefined;
  /** `KPI-Tenant`: read only where no key is given and none is required. */
  readonly tenant: string | undefined;
}

/** Keys of all tenants. Any number may be valid at once: to rotate, create the new one, move the clients, revoke the old one. */
export interface ApiKeys {
  /** Makes a key. `secret` is the whole key, to hand to its holder; it is stored nowhere and cannot be read again. */
  create(
    key: Pick<ApiKey, 'tenantId' | 'scopes' | 'label'>,
  ): Promise<ApiKey & { readonly secret: string }>;
  /** Keys in force, the oldest first; of one tenant or of all. */
  list(tenantId?: string): Promise<readonly ApiKey[]>;
  /** False when there was no such key. Other processes refuse it at most five seconds later. */
  revoke(keyId: string): Promise<boolean>;
  /**
   * Who sent these headers. Throws `key_missing` without a valid key where one is required or given, `key_forbidden`
   * when the key lacks the scope, `parameter_invalid` for an impossible tenant, `store_unreachable`.
   */
  authenticate(headers: CallerHeaders, scope: KeyScope): Promise<Caller>;
}

export interface ApiKeyOptions {
  readonly client: RedisClient;
  /** KPI_REDIS_PREFIX. */
  readonly prefix: string;
  /** Whether a request without a key is refused. */
  readonly areRequired: boolean;
  readonly clock: () => number;
  readonly random?: (bytes: number) => Buffer;
}

export const DEFAULT_TENANT = 'default';
const TENANT_ID = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;
const KEY = /^kpi_([0-9a-f]{16})_[0-9a-f]{64}$/;
const KEY_ID_BYTES = 8;
const SECRET_BYTES = 32;
/** How long a look-up is believed: bounds both the load on Redis and the life of a revoked key. */
const CACHED_MS = 5_000;
/** Key ids come from outside, unknown ones too, so the cache has a limit. */
const CACHED_MAX = 10_000;

/** A tenant id as keys, Redis and Kafka can carry it; throws `parameter_invalid` for any other text. */
export function checkTenantId(text: string): string {
  if (TENANT_ID.test(text)) return text;
  throw new Fault(
    'parameter_invalid',
    'a tenant id is 1 to 64 letters, digits, dots, dashes or underscores',
    { path: '/headers/kpi-tenant' },
  );
}

export function createApiKeys(options: ApiKeyOptions): ApiKeys {
  const { client, clock, random = randomBytes } = options;
  const store = `${options.prefix}:api-keys`;
  const find = cachedLookup(clock, async (keyId) => {
    const text = await reach('read API key', client.hget(store, keyId));
    return text === null ? null : decodeKey(text);
  });
  return {
    async create({ tenantId, scopes, label }) {
      const keyId = random(KEY_ID_BYTES).toString('hex');
      const secret = `kpi_${keyId}_${random(SECRET_BYTES).toString('hex')}`;
      const key = { tenantId: checkTenantId(tenantId), scopes, label, createdAt: clock() };
      const text = encodeKey({ ...key, hash: hashOf(secret) });
      await reach('create API key', client.hset(store, keyId, text));
      return { ...key, keyId, secret };
    },
    async list(tenantId) {
      const all = await reach('list API keys', client.hgetall(store));
      return Object.entries(all)
        .map(([keyId, text]) => describeKey(keyId, decodeKey(text)))
        .filter((key) => tenantId === undefined || key.tenantId === tenantId)
        .toSorted((a, b) => a.createdAt - b.createdAt);
    },
    async revoke(keyId) {
      return (await reach('revoke API key', client.hdel(store, keyId))) === 1;
    },
    async authenticate(headers, scope) {
      if (headers.authorization === undefined && !options.areRequired) {
        return { tenantId: checkTenantId(headers.tenant ?? DEFAULT_TENANT), keyId: null };
      }
      const found = await findPresented(headers.authorization, find);
      if (found === null) throw new Fault('key_missing', 'a valid API key is needed');
      if (!found.scopes.includes(scope) && !found.scopes.includes('admin')) {
        throw new Fault('key_forbidden', `this API key does not have the scope ${scope}`);
      }
      return { tenantId: found.tenantId, keyId: found.keyId };
    },
  };
}

type Lookup = (keyId: string) => Promise<StoredKey | null>;

/** The key that these credentials prove, or null. */
async function findPresented(
  authorization: string | undefined,
  find: Lookup,
): Promise<ApiKey | null> {
  const secret = secretOf(authorization ?? '');
  const keyId = KEY.exec(secret)?.[1];
  if (keyId === undefined) return null;
  const key = await find(keyId);
  return key !== null && isSameHash(key.hash, hashOf(secret)) ? describeKey(keyId, key) : null;
}

function secretOf(authorization: string): string {
  const [scheme = '', credentials = ''] = authorization.split(' ', 2);
  if (scheme.toLowerCase() === 'bearer') return credentials;
  if (scheme.toLowerCase() !== 'basic') return '';
  return Buffer.from(credentials, 'base64').toString('utf8').split(':', 1)[0] ?? '';
}

/** The secrets are 256 random bits, so one round of SHA-256 is enough: there is no dictionary to try. */
function hashOf(secret: string): string {
  return createHash('sha256').update(secret).digest('hex');
}

function isSameHash(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a, 'hex'), Buffer.from(b, 'hex')];
  return left.length === right.length && timingSafeEqual(left, right);
}

function describeKey(keyId: string, key: StoredKey): ApiKey {
  const { tenantId, scopes, label, createdAt } = key;
  return { keyId, tenantId, scopes, label, createdAt };
}

/** Ask once in {@link CACHED_MS} per key id; a failed look-up is not remembered. */
function cachedLookup(clock: () => number, find: Lookup): Lookup {
  const cache = new Map<string, { readonly until: number; readonly key: StoredKey | null }>();
  return async (keyId) => {
    const cached = cache.get(keyId);
    if (cached !== undefined && cached.until > clock()) return cached.key;
    const key = await find(keyId);
    if (cache.size >= CACHED_MAX) cache.clear();
    cache.set(keyId, { until: clock() + CACHED_MS, key });
    return key;
  };
}
