import { type EngineConfig } from '@kpi/runtime';
import { z } from 'zod';

import { type RedisClient, reach } from './connection.ts';

const RESULT = z.object({
  at: z.int(),
  against: z.enum(['history', 'log']),
  is_clean: z.boolean(),
  questions: z.int(),
  disagreements: z.int(),
  /** Topic partitions whose rows are not the events that were counted; 0 against the log. */
  unequal_partitions: z.int(),
  took_ms: z.int(),
});

/** What the last comparison of the live store with another reader found; `at` in ms. */
export type VerifyResult = Readonly<z.output<typeof RESULT>>;

type Names = Pick<EngineConfig, 'KPI_REDIS_PREFIX'>;

/** Keep the result for whoever shows it; the one before is forgotten. Throws `store_unreachable`. */
export async function recordVerifyResult(
  client: RedisClient,
  config: Names,
  result: VerifyResult,
): Promise<void> {
  await reach('record verification', client.set(resultKey(config), JSON.stringify(result)));
}

/** The last result; undefined when nobody has compared yet. Throws `store_unreachable`. */
export async function readVerifyResult(
  client: RedisClient,
  config: Names,
): Promise<VerifyResult | undefined> {
  const text = await reach('read verification', client.get(resultKey(config)));
  return text === null ? undefined : RESULT.parse(JSON.parse(text));
}

function resultKey({ KPI_REDIS_PREFIX: prefix }: Names): string {
  return `${prefix}:verify-result`;
}
