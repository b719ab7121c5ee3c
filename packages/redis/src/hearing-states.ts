import { type RedisClient, reach } from './connection.ts';
import { type GenerationOptions, currentGeneration } from './generation.ts';
import { partitionKeys } from './partition-keys.ts';
import { type PartitionState, parsePartitionState } from './partition-state.ts';

/** How far a partition is with what homes are told. */
export type HearingState = Pick<PartitionState, 'told' | 'stale'>;

/** Where every partition of the generation in use stands with what homes are told, by partition. Throws `store_unreachable`. */
export async function hearingStates(
  options: GenerationOptions & { readonly partitions: number },
): Promise<ReadonlyMap<number, HearingState>> {
  const { client, prefix, partitions } = options;
  const generation = await currentGeneration(options);
  const states = await Promise.all(
    Array.from({ length: partitions }, async (_, partition) => {
      const { owner } = partitionKeys(prefix, partition, generation);
      return [partition, await readState(client, owner)] as const;
    }),
  );
  return new Map(states);
}

async function readState(client: RedisClient, owner: string): Promise<HearingState> {
  return parsePartitionState(await reach('read place', client.hgetall(owner)));
}
