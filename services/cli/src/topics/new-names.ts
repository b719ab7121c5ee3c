import { Fault } from '@kpi/core';
import { ENGINE_OPTIONS, type EngineConfig, readConfig } from '@kpi/runtime';
import { z } from 'zod';

/** What `kpi topics repartition` is told. */
export interface RepartitionFlags {
  readonly partitions: number;
  readonly prefix?: string;
  readonly database?: string;
}

/** The settings that change; services are given them when all is copied. */
export interface ChangedSettings {
  readonly KPI_TOPIC_PREFIX: string;
  readonly KPI_PARTITIONS: string;
  readonly KPI_CLICKHOUSE_DATABASE: string;
}

/**
 * Names for the same installation with another number of partitions. Topics and tables get new ones, so that the old ones stay
 * as they are; keys in Redis do not: API keys, salts and memberships are no matter of partitions. Throws `config_invalid`,
 * `parameter_invalid`.
 */
export function changedSettings(config: EngineConfig, flags: RepartitionFlags): ChangedSettings {
  const { partitions } = flags;
  const { KPI_TOPIC_PREFIX: prefix, KPI_CLICKHOUSE_DATABASE: database } = config;
  const settings = {
    KPI_TOPIC_PREFIX: flags.prefix ?? `${prefix.replace(/p\d+\.$/, '')}p${partitions}.`,
    KPI_PARTITIONS: String(partitions),
    KPI_CLICKHOUSE_DATABASE: flags.database ?? `${database.replace(/_p\d+$/, '')}_p${partitions}`,
  };
  if (settings.KPI_TOPIC_PREFIX === prefix || settings.KPI_CLICKHOUSE_DATABASE === database)
    throw new Fault(
      'parameter_invalid',
      `topics and tables need new names: prefix ${prefix || 'none'} and database ${database} are in use`,
    );
  readConfig(z.object(ENGINE_OPTIONS), { ...settings });
  return settings;
}
