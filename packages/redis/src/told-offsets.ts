import { type RedisClient, reach } from './connection.ts';
import { type GenerationOptions, currentGeneration } from './generation.ts';
import { partitionKeys } from './partition-keys.ts';
import { TOLD, wholeNumber } from './partition-state.ts';

/** Offset before which what homes are told is taken in, by partition, in the generation that is in use. Throws `store_unreachable`. */
export async function toldOffsets(
  options: GenerationOptions & { readonly partitions: number },
  topic: string,
): Promise<ReadonlyMap<number, number>> {
  const { client, prefix, partitions } = options;
  const generation = await currentGeneration(options);
  const offsets = await Promise.all(
    Array.from({ length: partitions }, async (_, partition) => {
      const offset = await readOffset(
        client,
        partitionKeys(prefix, partition, generation).owner,
        topic,
      );
      return [partition, offset] as const;
    }),
  );
  return new Map(offsets);
}

async function readOffset(client: RedisClient, owner: string, topic: string): Promise<number> {
  const stored = await reach('read place', client.hget(owner, `${TOLD}${topic}`));
  return wholeNumber('offset', stored ?? 0);
}
