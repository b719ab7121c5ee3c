import { type RedisClient, reach } from './connection.ts';
import { currentGeneration } from './generation.ts';
import { OwnedPartition } from './owned-partition.ts';
import { partitionKeys } from './partition-keys.ts';
import { parsePartitionState } from './partition-state.ts';
import { recordOf } from './redis-hash.ts';
import { loadScript, runScript } from './script.ts';

const CLAIM = loadScript('claim-partition');

export interface LiveStoreOptions {
  readonly client: RedisClient;
  /** KPI_REDIS_PREFIX. */
  readonly prefix: string;
  /** The generation to take part in; the one in use at the time of a claim without. */
  readonly generation?: number;
}

/** Takes part in the live store as the owner of partitions. */
export class LiveStore {
  readonly #options: LiveStoreOptions;

  constructor(options: LiveStoreOptions) {
    this.#options = options;
  }

  /** Become the owner of a partition; whoever owned it before can no longer write. Throws `store_unreachable`. */
  async claim(partition: number, worker: string): Promise<OwnedPartition> {
    const { client, prefix } = this.#options;
    const generation = this.#options.generation ?? (await currentGeneration({ client, prefix }));
    const keys = partitionKeys(prefix, partition, generation);
    const answer = await runScript(client, CLAIM, { keys: [keys.owner], args: [worker] });
    const state = parsePartitionState(recordOf(answer));
    const names = await reach('read series', client.hgetall(keys.series));
    const isCurrent = async (): Promise<boolean> =>
      this.#options.generation !== undefined ||
      (await currentGeneration({ client, prefix })) === generation;
    return new OwnedPartition({ client, keys, state, names, isCurrent });
  }
}
