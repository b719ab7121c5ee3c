import type { HealthAnswer } from './health-answer.ts';

const ENGINE_NAMES: Readonly<Record<HealthAnswer['engines'][number]['name'], string>> = {
  kafka: 'Kafka',
  registry: 'The schema registry',
  redis: 'Redis',
  clickhouse: 'ClickHouse',
};

/** Without one of these no number moves; the others may run elsewhere or not be needed. */
const REQUIRED_SERVICES = ['aggregate', 'archive'] as const;

/** The same share as that of the alert KpiRetentionDanger. */
const RETENTION_USED_MAX = 0.5;

type Judged = Pick<HealthAnswer, 'engines' | 'processes' | 'verify' | 'lag'>;

/** What is wrong, the most fundamental first, in sentences for people. */
export function findProblems({ engines, processes, verify, lag }: Judged): readonly string[] {
  const down = engines.filter(({ state }) => state === 'down');
  const isRedisDown = down.some(({ name }) => name === 'redis');
  return [
    ...down.map(({ name }) => `${ENGINE_NAMES[name]} does not answer.`),
    // Who is there is written in Redis: without it nobody knows.
    ...REQUIRED_SERVICES.filter(
      (name) => !isRedisDown && processes.every(({ service }) => service !== name),
    ).map((name) => `No ${name} process is running.`),
    ...processes
      .filter(({ ready }) => !ready)
      .map(
        ({ service, instance, reason }) => `${service} (${instance}): ${reason ?? 'not ready'}.`,
      ),
    ...(lag?.partitions ?? [])
      .filter(({ retention_used: used }) => used > RETENTION_USED_MAX)
      .map(
        ({ partition, retention_used: used }) =>
          `Retention of partition ${partition} is used up to ${Math.round(100 * used)} %: events nobody has read are about to be deleted.`,
      ),
    ...(verify?.clean === false ? [`The last verification found ${differences(verify)}.`] : []),
  ];
}

function differences({
  disagreements,
  unequal_partitions: partitions,
}: NonNullable<HealthAnswer['verify']>): string {
  return `${disagreements} values and ${partitions} partitions that differ`;
}
