import { Cluster, type Redis } from 'ioredis';

import { type RedisClient, reach } from './connection.ts';

/** The servers that hold data: the one there is, or the masters of a cluster. */
export function mastersOf(client: RedisClient): readonly Redis[] {
  return client instanceof Cluster ? client.nodes('master') : [client];
}

/** Every key of a pattern, wherever it lies. It stops each server for a moment: for tools and tests, not for services. */
export async function keysOf(client: RedisClient, pattern: string): Promise<readonly string[]> {
  const found = mastersOf(client).map((node) => reach('list keys', node.keys(pattern)));
  return (await Promise.all(found)).flat();
}

/** Remove every key of a pattern, each by itself: keys of several slots cannot share a command. For tools and tests. */
export async function removeKeys(client: RedisClient, pattern: string): Promise<void> {
  const keys = await keysOf(client, pattern);
  await Promise.all(keys.map((key) => reach('remove key', client.unlink(key))));
}
