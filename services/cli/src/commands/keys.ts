import { Fault } from '@kpi/core';
import type { ApiKeys, KeyScope } from '@kpi/redis';
import { InvalidArgumentError } from 'commander';

import { accessEngines } from '../engines.ts';
import type { CliContext } from '../context.ts';
import type { GlobalFlags } from '../options.ts';
import { formatTable, report } from '../output.ts';
import { type AddCommand, withExamples } from './command.ts';

interface CreateFlags {
  readonly scope: readonly KeyScope[];
  readonly label: string;
}

/** `kpi keys`: make, list and revoke API keys, in the live store itself. */
export const addKeys: AddCommand = (program, { context }) => {
  const keys = program.command('keys').description('API keys, kept as hashes in Redis');
  const create = keys
    .command('create')
    .description('make a key and print it, once')
    .option('--scope <scopes>', 'ingest, read, admin; comma-separated', scopes, ['ingest', 'read'])
    .option('--label <text>', 'what the key is for', '')
    .action(() => createKey(create.optsWithGlobals<CreateFlags & GlobalFlags>(), context));
  const list = keys
    .command('list')
    .description('keys in force, of --tenant or of all')
    .action(() => listKeys(list.optsWithGlobals<GlobalFlags>(), context));
  const revoke = keys
    .command('revoke')
    .description('refuse a key from now on (within five seconds everywhere)')
    .argument('<id>', 'id of the key, from `kpi keys list`')
    .action((id: string) => revokeKey(id, revoke.optsWithGlobals<GlobalFlags>(), context));
  withExamples(keys, [
    'kpi keys create --tenant acme --scope ingest --label "billing export"',
    'kpi keys list --tenant acme',
    'kpi keys revoke 0f3a6d1c9b2e4875',
  ]);
};

const NAMES: readonly KeyScope[] = ['ingest', 'read', 'admin'];

function scopes(text: string): readonly KeyScope[] {
  return text.split(',').map((given) => {
    const scope = NAMES.find((name) => name === given.trim());
    if (scope === undefined) throw new InvalidArgumentError(`A scope is ${NAMES.join(', ')}.`);
    return scope;
  });
}

async function createKey(flags: CreateFlags & GlobalFlags, context: CliContext): Promise<void> {
  const { DEFAULT_TENANT } = await import('@kpi/redis');
  const tenantId = flags.tenant ?? context.environment['KPI_TENANT'] ?? DEFAULT_TENANT;
  const { scope, label } = flags;
  const key = await withKeys(context, (keys) => keys.create({ tenantId, scopes: scope, label }));
  report(context, flags.json, {
    json: key,
    text: () =>
      [
        `Key ${key.keyId} of tenant ${key.tenantId} (${key.scopes.join(', ')}). Keep it: it is shown this once.`,
        key.secret,
      ].join('\n'),
  });
}

async function listKeys(flags: GlobalFlags, context: CliContext): Promise<void> {
  const found = await withKeys(context, (keys) => keys.list(flags.tenant));
  report(context, flags.json, {
    json: found,
    text: () =>
      found.length === 0
        ? 'There are no keys.'
        : formatTable({
            head: ['id', 'tenant', 'scopes', 'created', 'label'],
            rows: found.map(({ keyId, tenantId, scopes: held, createdAt, label }) => [
              keyId,
              tenantId,
              held.join(', '),
              new Date(createdAt).toISOString(),
              label,
            ]),
          }),
  });
}

async function revokeKey(id: string, flags: GlobalFlags, context: CliContext): Promise<void> {
  const isRevoked = await withKeys(context, (keys) => keys.revoke(id));
  if (!isRevoked) throw new Fault('not_found', `there is no key ${id}`);
  report(context, flags.json, { json: { revoked: id }, text: () => `Key ${id} is revoked.` });
}

async function withKeys<Result>(
  context: CliContext,
  work: (keys: ApiKeys) => Promise<Result>,
): Promise<Result> {
  const { closeRedis, createApiKeys, createRedis } = await import('@kpi/redis');
  const { config, log } = accessEngines(context);
  const client = await createRedis(config, log);
  try {
    const { clock } = context;
    return await work(
      createApiKeys({ client, prefix: config.KPI_REDIS_PREFIX, areRequired: true, clock }),
    );
  } finally {
    await closeRedis(client);
  }
}
