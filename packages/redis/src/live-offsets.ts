import { reach } from './connection.ts';
import { type GenerationOptions, currentGeneration } from './generation.ts';
import { placeOf } from './log-place.ts';
import { partitionKeys } from './partition-keys.ts';
import { parsePartitionState } from './partition-state.ts';

/** How far the live store in use has come. */
export interface LiveOffsets {
  readonly generation: number;
  /** Next offset to apply, by topic and partition of the log; what nothing was applied of is absent. */
  readonly offsets: ReadonlyMap<string, number>;
}

/** One partition after the other. Throws `store_unreachable`. */
export async function liveOffsets(
  options: GenerationOptions,
  partitions: number,
): Promise<LiveOffsets> {
  const { client, prefix } = options;
  const generation = await currentGeneration(options);
  const offsets = new Map<string, number>();
  for (let partition = 0; partition < partitions; partition += 1) {
    const { owner } = partitionKeys(prefix, partition, generation);
    const state = parsePartitionState(await reach('read offsets', client.hgetall(owner)));
    for (const [topic, offset] of state.offsets) offsets.set(placeOf(topic, partition), offset);
  }
  return { generation, offsets };
}
