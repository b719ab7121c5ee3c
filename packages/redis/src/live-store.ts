import { Fault } from '@kpi/core';

import { type RedisClient, reach } from './connection.ts';
import { currentGeneration, newGeneration, switchGeneration } from './generation.ts';
import { OwnedPartition } from './owned-partition.ts';
import { partitionKeys } from './partition-keys.ts';
import { parsePartitionState } from './partition-state.ts';
import { READ_HASH, recordOf } from './redis-hash.ts';
import { loadScript, runScript } from './script.ts';
import { definitionsOfGeneration } from './tenant-definitions.ts';

const CLAIM = loadScript('claim-partition');

/**
 * What the live store holds, as a number: raised whenever a KPI, a fact or a series becomes another, because what was not kept
 * cannot be counted from what is there (live-format.test.ts notices).
 */
export const LIVE_FORMAT = 11;

function outdated(found: string): Fault {
  return new Fault(
    'store_outdated',
    `the live store holds format ${found}, and this program counts in format ${LIVE_FORMAT}: kpi rebuild counts everything anew, with --from clickhouse where the log no longer begins at its beginning`,
  );
}

type StorePlace = Pick<LiveStoreOptions, 'client' | 'prefix'>;

/** Whether another version has written the live store that is in use. Throws `store_unreachable`. */
export async function isOutdated(place: StorePlace, partitions: number): Promise<boolean> {
  const formats = await formatsWritten(place, partitions);
  return formats.some((format) => format !== String(LIVE_FORMAT));
}

/**
 * Put the newest definitions into force where nothing was counted yet: an empty generation by them is the one in use from now on.
 * False where something was, which only a rebuild can count anew. Throws `store_unreachable`.
 */
export async function adoptDefinitions(place: StorePlace, partitions: number): Promise<boolean> {
  const from = await currentGeneration(place);
  if ((await formatsWritten(place, partitions)).length > 0) return false;
  return switchGeneration(place, { from, to: await newGeneration(place) });
}

/** The formats of those partitions in use that something was written to. */
async function formatsWritten(
  { client, prefix }: StorePlace,
  partitions: number,
): Promise<readonly string[]> {
  const generation = await currentGeneration({ client, prefix });
  const formats: string[] = [];
  for (let partition = 0; partition < partitions; partition += 1) {
    const { owner } = partitionKeys(prefix, partition, generation);
    const [sequence, format] = await reach(
      'read format',
      client.hmget(owner, 'sequence', 'format'),
    );
    if (typeof sequence === 'string') formats.push(format ?? '1');
  }
  return formats;
}

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

  /**
   * Become the owner of a partition; whoever owned it before can no longer write. Throws `store_outdated` when an earlier or later
   * version has written it, `store_unreachable`.
   */
  async claim(partition: number, worker: string): Promise<OwnedPartition> {
    const { client, prefix } = this.#options;
    const generation = this.#options.generation ?? (await currentGeneration({ client, prefix }));
    const keys = partitionKeys(prefix, partition, generation);
    const answer = await runScript(client, CLAIM, {
      keys: [keys.owner],
      args: [worker, LIVE_FORMAT],
    });
    if (typeof answer === 'string') throw outdated(answer);
    const state = parsePartitionState(recordOf(answer));
    const names = await reach('read series', client.call(READ_HASH, keys.series));
    const definitions = await definitionsOfGeneration({ client, prefix }, generation);
    const isCurrent = async (): Promise<boolean> =>
      this.#options.generation !== undefined ||
      (await currentGeneration({ client, prefix })) === generation;
    return new OwnedPartition({ client, keys, state, names, generation, definitions, isCurrent });
  }
}
