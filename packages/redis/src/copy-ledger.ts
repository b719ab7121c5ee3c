import { type EngineConfig } from '@kpi/runtime';

import { type RedisClient, reach } from './connection.ts';
import { wholeNumber } from './partition-state.ts';

/** How far the copy of an installation's records into other topics has come. */
export interface CopyLedger {
  /** Offset before which everything is copied, by `topic:partition` of the original. Throws `store_unreachable`. */
  read(): Promise<ReadonlyMap<string, number>>;
  /** Everything before `next` is copied. Throws `store_unreachable`. */
  record(place: string, next: number): Promise<void>;
}

/** The ledger of a copy; `target` is the topic prefix that it is copied to. */
export function createCopyLedger(
  client: RedisClient,
  { KPI_REDIS_PREFIX: prefix }: Pick<EngineConfig, 'KPI_REDIS_PREFIX'>,
  target: string,
): CopyLedger {
  const key = `${prefix}:copied`;
  const stem = `${target} `;
  return {
    async read() {
      const fields = Object.entries(await reach('read copy', client.hgetall(key)));
      return new Map(
        fields
          .filter(([field]) => field.startsWith(stem))
          .map(([field, next]) => [field.slice(stem.length), wholeNumber(field, next)]),
      );
    },
    async record(place, next) {
      await reach('record copy', client.hset(key, stem + place, next));
    },
  };
}
