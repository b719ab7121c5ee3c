import { type RedisClient } from '@kpi/redis';

/** Bytes that Redis holds for data, by its own account. */
export async function redisBytes(redis: RedisClient): Promise<number> {
  const info = await redis.info('memory');
  return Number(/^used_memory:(\d+)/m.exec(info)?.[1]);
}

/** Bytes of the keys of an installation that are of no single account: series, deltas, the stream of changes, ledgers. */
export async function sharedRedisBytes(redis: RedisClient, prefix: string): Promise<number> {
  const keys = await redis.keys(`${prefix}:*`);
  const sizes = await Promise.all(
    keys
      .filter((key) => !key.includes(':home:'))
      .map((key) => redis.memory('USAGE', key, 'SAMPLES', 0)),
  );
  return sizes.reduce<number>((sum, size) => sum + (size ?? 0), 0);
}
