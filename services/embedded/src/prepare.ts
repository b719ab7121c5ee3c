import { readFile } from 'node:fs/promises';

import { createHistory } from '@kpi/clickhouse';
import { type Definitions, Fault } from '@kpi/core';
import { parseDefinitions } from '@kpi/definitions';
import { SchemaRegistry, createKafka, ensureTopics, registerSchemas, topicsOf } from '@kpi/kafka';
import { rebuildInstallation } from '@kpi/live';
import {
  DEFAULT_TENANT,
  adoptDefinitions,
  applyDefinitions,
  closeRedis,
  createRedis,
  definitionsInForce,
  isOutdated,
} from '@kpi/redis';
import {
  type Clock,
  ENGINE_OPTIONS,
  type Environment,
  type Logger,
  readConfig,
} from '@kpi/runtime';
import { z } from 'zod';

/** Make topics, schemas and tables what the services expect. All of it can run again. */
export async function prepareEngines(environment: Environment, log: Logger): Promise<void> {
  const config = readConfig(z.object(ENGINE_OPTIONS), environment);
  const topics = topicsOf(config);
  await Promise.all([
    ensureTopics(createKafka(config, log), topics),
    registerSchemas(new SchemaRegistry(config), topics),
    migrateHistory(config, log),
  ]);
}

/** Whether the live store was written by another version, so that everything has to be counted anew. */
export async function isStoreOutdated(environment: Environment, log: Logger): Promise<boolean> {
  const config = readConfig(z.object(ENGINE_OPTIONS), environment);
  const client = await createRedis(config, log);
  try {
    return await isOutdated({ client, prefix: config.KPI_REDIS_PREFIX }, config.KPI_PARTITIONS);
  } finally {
    await closeRedis(client);
  }
}

/** A file of definitions that can be applied. */
export interface DefinitionsFile {
  readonly text: string;
  readonly definitions: Definitions;
}

/** Throws `config_invalid` when there is no such file, `definitions_invalid` with all that is wrong with it. */
export async function readDefinitionsFile(path: string): Promise<DefinitionsFile> {
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    throw new Fault('config_invalid', `KPI_DEFINITIONS: there is no file ${path}`, {
      cause: error,
    });
  });
  return { text, definitions: parseDefinitions(text, path) };
}

/** Apply a file of definitions. True when everything has to be counted anew before they are in force. */
export async function applyFile(
  environment: Environment,
  file: DefinitionsFile,
  { log, clock }: { readonly log: Logger; readonly clock: Clock },
): Promise<boolean> {
  const config = readConfig(z.object(ENGINE_OPTIONS), environment);
  const client = await createRedis(config, log);
  const store = { client, prefix: config.KPI_REDIS_PREFIX };
  try {
    const given = { ...file, tenantId: DEFAULT_TENANT, appliedAt: clock() };
    const { number } = await applyDefinitions(store, given);
    const inForce = (await definitionsInForce(store)).get(DEFAULT_TENANT)?.changes ?? 0;
    return inForce < number && !(await adoptDefinitions(store, config.KPI_PARTITIONS));
  } finally {
    await closeRedis(client);
  }
}

/** Count everything anew, from history and what the log has beyond it. */
export async function recount(environment: Environment, log: Logger, clock: Clock): Promise<void> {
  const config = readConfig(z.object(ENGINE_OPTIONS), environment);
  await rebuildInstallation({ config, source: 'clickhouse', log, clock });
}

async function migrateHistory(
  config: Parameters<typeof createHistory>[0],
  log: Logger,
): Promise<void> {
  const history = createHistory(config, log);
  try {
    await history.migrate();
  } finally {
    await history.close();
  }
}
