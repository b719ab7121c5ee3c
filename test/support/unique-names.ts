import { randomBytes } from 'node:crypto';

/** Names nobody else uses, as the environment of a service under test. */
export interface UniqueNames {
  /** Before every topic, with its separator: `t1f3a….`. */
  readonly KPI_TOPIC_PREFIX: string;
  readonly KPI_REDIS_PREFIX: string;
  readonly KPI_CLICKHOUSE_DATABASE: string;
}

const RANDOM_BYTES = 6;

/** A fresh topic prefix, Redis prefix and database, so that tests share engines and nothing else. */
export function uniqueNames(): UniqueNames {
  const id = `t${randomBytes(RANDOM_BYTES).toString('hex')}`;
  return {
    KPI_TOPIC_PREFIX: `${id}.`,
    KPI_REDIS_PREFIX: id,
    KPI_CLICKHOUSE_DATABASE: id,
  };
}
