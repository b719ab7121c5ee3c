import { type RedisClient, reach } from './connection.ts';
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
}

/** Takes part in the live store as the owner of partitions. */
export class LiveStore {
  readonly #client: RedisClient;
  readonly #prefix: string;

  constructor(options: LiveStoreOptions) {
    this.#client = options.client;
    this.#prefix = options.prefix;
  }

  /** Become the owner of a partition; whoever owned it before can no longer write. Throws `store_unreachable`. */
  async claim(partition: number, worker: string): Promise<OwnedPartition> {
    const keys = partitionKeys(this.#prefix, partition);
    const answer = await runScript(this.#client, CLAIM, { keys: [keys.owner], args: [worker] });
    const state = parsePartitionState(recordOf(answer));
    const names = await reach('read series', this.#client.hgetall(keys.series));
    return new OwnedPartition({ client: this.#client, keys, state, names });
  }
}
