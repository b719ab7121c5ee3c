import { type RedisClient, keysOf, mastersOf } from '@kpi/redis';

/** Bytes that Redis holds for data, by its own account. */
export async function redisBytes(redis: RedisClient): Promise<number> {
  const infos = await Promise.all(mastersOf(redis).map((node) => node.info('memory')));
  return infos.reduce((sum, info) => sum + Number(/^used_memory:(\d+)/m.exec(info)?.[1]), 0);
}

/** Bytes of the keys of an installation that are of no single account: series, deltas, the stream of changes, ledgers. */
export async function sharedRedisBytes(redis: RedisClient, prefix: string): Promise<number> {
  const keys = await keysOf(redis, `${prefix}:*`);
  const sizes = await Promise.all(
    keys
      .filter((key) => !key.includes(':home:'))
      .map((key) => redis.memory('USAGE', key, 'SAMPLES', 0)),
  );
  return sizes.reduce<number>((sum, size) => sum + (size ?? 0), 0);
}
