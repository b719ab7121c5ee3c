import { type RedisClient, keysOf } from '@kpi/redis';

/** Some keys as they were at one moment. */
export interface RedisSnapshot {
  /** Put the keys back as they were; keys that came later are removed. */
  restore(): Promise<void>;
}

/** Remember every key that starts with `prefix`. */
export async function takeSnapshot(client: RedisClient, prefix: string): Promise<RedisSnapshot> {
  const keys = await keysOf(client, `${prefix}*`);
  const dumps = await Promise.all(
    keys.map(async (key) => [key, await client.dumpBuffer(key)] as const),
  );
  return {
    async restore() {
      const transaction = client.multi();
      for (const key of await keysOf(client, `${prefix}*`)) transaction.del(key);
      for (const [key, dump] of dumps) if (dump !== null) transaction.restore(key, 0, dump);
      await transaction.exec();
    },
  };
}
