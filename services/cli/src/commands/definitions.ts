import { readFile } from 'node:fs/promises';

import { Fault } from '@kpi/core';
import { defaultFile, documentOf, parseDefinitions } from '@kpi/definitions';
import type { DefinitionsChange, RedisClient } from '@kpi/redis';
import type { EngineConfig } from '@kpi/runtime';
import type { Command } from 'commander';

import type { CliContext } from '../context.ts';
import { accessEngines } from '../engines.ts';
import type { GlobalFlags } from '../options.ts';
import { report } from '../output.ts';
import type { CommandSetting } from './command.ts';
import { readSource, rebuildStore } from './rebuild.ts';

type ApplyFlags = GlobalFlags & { readonly rebuild?: boolean; readonly from: string };

/** `kpi config check | show | apply`: definitions of a tenant's KPIs. */
export function addDefinitions(config: Command, { context }: CommandSetting): void {
  const check = config
    .command('check')
    .description('whether a file of definitions can be applied; names all that is wrong, by line')
    .argument('<file>', 'YAML, commented in packages/definitions/default.yaml')
    .action((file: string) => checkFile(file, check.optsWithGlobals<GlobalFlags>(), context));
  const show = config
    .command('show')
    .description(
      'the definitions that were applied last, of --tenant; the defaults where none were',
    )
    .action(() => showDefinitions(show.optsWithGlobals<GlobalFlags>(), context));
  const apply = config
    .command('apply')
    .description('make a file the definitions of --tenant, from the next rebuild on')
    .argument('<file>', 'YAML, commented in packages/definitions/default.yaml')
    .option('--rebuild', 'count everything anew by them at once, beside what is served')
    .option('--from <source>', 'what to count from: kafka or clickhouse', 'kafka')
    .addHelpText(
      'after',
      `
Definitions take effect together with a live store that was counted by them: kpi rebuild counts by the newest of every tenant, and
until it is done all values, live and in history, are those of before. Each change raises definition_version by one; older versions
stay in history: kpi query <kpi> --definition-version <number>.`,
    )
    .action((file: string) => applyFile(file, apply.optsWithGlobals<ApplyFlags>(), context));
}

async function checkFile(file: string, flags: GlobalFlags, context: CliContext): Promise<void> {
  const definitions = parseDefinitions(await readText(file), file);
  report(context, flags.json, {
    json: { file, definitions: documentOf(definitions) },
    text: () => `${file} can be applied.`,
  });
}

async function showDefinitions(flags: GlobalFlags, context: CliContext): Promise<void> {
  const tenantId = await tenantOf(flags, context);
  await withStore(context, async (store) => {
    const { definitionsInForce, readNewestDefinitions } = await import('@kpi/redis');
    const newest = await readNewestDefinitions(store, tenantId);
    const inForce = (await definitionsInForce(store)).get(tenantId)?.changes ?? 0;
    const shown = newest === undefined ? undefined : describe(newest, inForce);
    report(context, flags.json, {
      json: shown ?? { tenant: tenantId, change: 0, change_in_force: inForce },
      text: () =>
        newest === undefined
          ? `# Nothing was applied for ${tenantId}; the defaults are in force.\n${defaultFile()}`.trimEnd()
          : `# ${sentenceOf(newest, inForce)}\n${newest.text}`.trimEnd(),
    });
  });
}

async function applyFile(file: string, flags: ApplyFlags, context: CliContext): Promise<void> {
  const source = readSource(flags.from);
  const text = await readText(file);
  const definitions = parseDefinitions(text, file);
  const tenantId = await tenantOf(flags, context);
  await withStore(context, async (store, { KPI_PARTITIONS: partitions }) => {
    const { adoptDefinitions, applyDefinitions, definitionsInForce } = await import('@kpi/redis');
    const given = { tenantId, appliedAt: context.clock(), text, definitions };
    const change = await applyDefinitions(store, given);
    const readInForce = async (): Promise<number> =>
      (await definitionsInForce(store)).get(tenantId)?.changes ?? 0;
    const isDue = (await readInForce()) < change.number;
    // Where nothing was counted yet there is nothing to count anew.
    const isAdopted = isDue && (await adoptDefinitions(store, partitions));
    if (isDue && !isAdopted && flags.rebuild === true) await rebuildStore(context, source);
    const inForce = await readInForce();
    report(context, flags.json, {
      json: describe(change, inForce),
      text: () => sentenceOf(change, inForce),
    });
  });
}

function describe(change: DefinitionsChange, inForce: number) {
  return {
    tenant: change.tenantId,
    change: change.number,
    change_in_force: inForce,
    applied_at: new Date(change.appliedAt).toISOString(),
    definitions: documentOf(change.definitions),
  };
}

function sentenceOf({ tenantId, number, appliedAt }: DefinitionsChange, inForce: number): string {
  if (number === 0) return `These are the defaults, which are in force for ${tenantId}.`;
  const applied = `Change ${number} of ${tenantId}, applied at ${new Date(appliedAt).toISOString()}`;
  if (inForce >= number) return `${applied}, is in force.`;
  const before = inForce === 0 ? 'the defaults' : `change ${inForce}`;
  return `${applied}, is not in force yet: values are those of ${before} until kpi rebuild has counted them anew.`;
}

async function tenantOf(flags: GlobalFlags, context: CliContext): Promise<string> {
  const { DEFAULT_TENANT, checkTenantId } = await import('@kpi/redis');
  return checkTenantId(flags.tenant ?? context.environment['KPI_TENANT'] ?? DEFAULT_TENANT);
}

async function withStore(
  context: CliContext,
  work: (
    store: { readonly client: RedisClient; readonly prefix: string },
    config: EngineConfig,
  ) => Promise<void>,
): Promise<void> {
  const { closeRedis, createRedis } = await import('@kpi/redis');
  const { config, log } = accessEngines(context);
  const client = await createRedis(config, log);
  try {
    await work({ client, prefix: config.KPI_REDIS_PREFIX }, config);
  } finally {
    await closeRedis(client);
  }
}

async function readText(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    throw new Fault('not_found', `there is no file ${path}`, { cause: error });
  }
}
