import { randomBytes } from 'node:crypto';

import { type RedisClient, reach, reachAll } from './connection.ts';
import { tenantKey } from './tenant-key.ts';

/** The secret with which a tenant's e-mail addresses are hashed: made once, then the same forever and for every process. */
export interface TenantSalts {
  /** Throws `store_unreachable`. Never log the answer. */
  saltOf(tenantId: string): Promise<Buffer>;
}

export interface TenantSaltOptions {
  readonly client: RedisClient;
  /** KPI_REDIS_PREFIX. */
  readonly prefix: string;
  readonly random?: (bytes: number) => Buffer;
}

const SALT_BYTES = 32;
/** Salts kept in memory; a tenant that was pushed out is read again. */
const CACHED_MAX = 10_000;

export function createTenantSalts(options: TenantSaltOptions): TenantSalts {
  const { client, prefix, random = randomBytes } = options;
  const cache = new Map<string, Buffer>();
  return {
    async saltOf(tenantId) {
      const cached = cache.get(tenantId);
      if (cached !== undefined) return cached;
      const key = tenantKey(prefix, tenantId, 'salt');
      const salt = await readOrMake(client, key, random);
      if (cache.size >= CACHED_MAX) cache.clear();
      cache.set(tenantId, salt);
      return salt;
    },
  };
}

/** The first writer wins; everybody reads what it wrote. */
async function readOrMake(
  client: RedisClient,
  key: string,
  random: (bytes: number) => Buffer,
): Promise<Buffer> {
  const known = await reach('read salt', client.get(key));
  if (known !== null) return Buffer.from(known, 'hex');
  const fresh = random(SALT_BYTES).toString('hex');
  const pipeline = client.multi().set(key, fresh, 'NX').get(key);
  const [, winner] = await reachAll('make salt', pipeline);
  return Buffer.from(String(winner), 'hex');
}
