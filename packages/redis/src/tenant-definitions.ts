import { DEFAULT_DEFINITIONS, type Definitions, type DefinitionsByTenant, Fault } from '@kpi/core';
import { formatDefinitions, readDefinitions } from '@kpi/definitions';
import { z } from 'zod';

import { type RedisClient, reach } from './connection.ts';

export interface DefinitionsOptions {
  readonly client: RedisClient;
  /** KPI_REDIS_PREFIX. */
  readonly prefix: string;
}

/** A change of a tenant's definitions. They are in force from the next rebuild on. */
export interface DefinitionsChange {
  readonly tenantId: string;
  /** Counts from 1; it is the `changes` of these definitions. */
  readonly number: number;
  /** ms. */
  readonly appliedAt: number;
  /** The file as it was given, comments included. */
  readonly text: string;
  readonly definitions: Definitions;
}

/** In full, so that a default that becomes another does not change what was counted. */
const STORED = z.object({ applied_at: z.int(), text: z.string(), in_full: z.string() });
const NUMBERS = z.record(z.string(), z.int().positive());

/** Every change of every tenant; and which of them a generation of the live store counts by. */
function definitionsKey(prefix: string, kind: 'changes' | 'of-generations'): string {
  return `${prefix}:{live}:definitions-${kind}`;
}

function fieldOf(tenantId: string, number: number): string {
  return `${number}:${tenantId}`;
}

/**
 * Keep new definitions of a tenant, the next in number; those that say the same as the newest, or as the defaults before
 * any, are no change: the newest is answered, in number 0 the defaults. Throws `definitions_overtaken` when another applied some at the same time, `store_unreachable`.
 */
export async function applyDefinitions(
  options: DefinitionsOptions,
  given: Pick<DefinitionsChange, 'tenantId' | 'appliedAt' | 'text' | 'definitions'>,
): Promise<DefinitionsChange> {
  const { client, prefix } = options;
  const { tenantId, appliedAt, text, definitions } = given;
  const newest = await readNewestDefinitions(options, tenantId);
  const before = newest?.definitions ?? DEFAULT_DEFINITIONS;
  const inFull = formatDefinitions(definitions);
  if (formatDefinitions(before) === inFull)
    return newest ?? { ...given, number: 0, definitions: before };
  const number = before.changes + 1;
  const stored: z.output<typeof STORED> = { applied_at: appliedAt, text, in_full: inFull };
  const isFirst = await reach(
    'apply definitions',
    client.hsetnx(
      definitionsKey(prefix, 'changes'),
      fieldOf(tenantId, number),
      JSON.stringify(stored),
    ),
  );
  if (isFirst === 0)
    throw new Fault('definitions_overtaken', `others were applied for ${tenantId} meanwhile`);
  return { ...given, number, definitions: { ...definitions, changes: number } };
}

/** What was applied last for a tenant, in force or not; undefined when nothing ever was. Throws `store_unreachable`. */
export async function readNewestDefinitions(
  options: DefinitionsOptions,
  tenantId: string,
): Promise<DefinitionsChange | undefined> {
  const number = (await newestNumbers(options)).get(tenantId);
  return number === undefined ? undefined : readDefinitionsChange(options, { tenantId, number });
}

/** One change of a tenant; undefined when there never was one of this number. Throws `store_unreachable`. */
export async function readDefinitionsChange(
  options: DefinitionsOptions,
  change: Pick<DefinitionsChange, 'tenantId' | 'number'>,
): Promise<DefinitionsChange | undefined> {
  const [found] = await readChanges(options, [change]);
  return found;
}

/** From now on this generation counts by the newest definitions of every tenant. Once, before anything is counted in it. */
export async function fixDefinitions(
  options: DefinitionsOptions,
  generation: number,
): Promise<void> {
  const { client, prefix } = options;
  const numbers = Object.fromEntries(await newestNumbers(options));
  const key = definitionsKey(prefix, 'of-generations');
  await reach('fix definitions', client.hsetnx(key, String(generation), JSON.stringify(numbers)));
}

/** The definitions that a generation of the live store counts by; they never change. Throws `store_unreachable`. */
export async function definitionsOfGeneration(
  options: DefinitionsOptions,
  generation: number,
): Promise<DefinitionsByTenant> {
  const { client, prefix } = options;
  const key = definitionsKey(prefix, 'of-generations');
  const text = await reach('read definitions', client.hget(key, String(generation)));
  if (text === null) return new Map();
  const numbers = Object.entries(NUMBERS.parse(JSON.parse(text)));
  const wanted = numbers.map(([tenantId, number]) => ({ tenantId, number }));
  const changes = await readChanges(options, wanted);
  if (changes.length < wanted.length)
    throw new Fault('store_corrupt', `definitions of generation ${generation} are missing`);
  return new Map(changes.map(({ tenantId, definitions }) => [tenantId, definitions]));
}

/** Forget by which definitions generations counted that are no more. */
export async function forgetGenerations(
  { client, prefix }: DefinitionsOptions,
  isRemoved: (generation: number) => boolean,
): Promise<void> {
  const key = definitionsKey(prefix, 'of-generations');
  const removed = (await reach('read definitions', client.hkeys(key))).filter((generation) =>
    isRemoved(Number(generation)),
  );
  if (removed.length > 0) await reach('forget definitions', client.hdel(key, ...removed));
}

/** Number of the newest change, by tenant. */
async function newestNumbers({
  client,
  prefix,
}: DefinitionsOptions): Promise<ReadonlyMap<string, number>> {
  const newest = new Map<string, number>();
  for (const field of await reach(
    'read definitions',
    client.hkeys(definitionsKey(prefix, 'changes')),
  )) {
    const colon = field.indexOf(':');
    const [number, tenantId] = [Number(field.slice(0, colon)), field.slice(colon + 1)];
    newest.set(tenantId, Math.max(number, newest.get(tenantId) ?? 0));
  }
  return newest;
}

/** Those that exist, in order. */
async function readChanges(
  { client, prefix }: DefinitionsOptions,
  wanted: readonly Pick<DefinitionsChange, 'tenantId' | 'number'>[],
): Promise<readonly DefinitionsChange[]> {
  if (wanted.length === 0) return [];
  const fields = wanted.map(({ tenantId, number }) => fieldOf(tenantId, number));
  const found = await reach(
    'read definitions',
    client.hmget(definitionsKey(prefix, 'changes'), ...fields),
  );
  return wanted.flatMap(({ tenantId, number }, index) => {
    const stored = found[index];
    return typeof stored === 'string' ? [changeOf(tenantId, number, stored)] : [];
  });
}

function changeOf(tenantId: string, number: number, stored: string): DefinitionsChange {
  const { applied_at: appliedAt, text, in_full: inFull } = STORED.parse(JSON.parse(stored));
  const read = readDefinitions(inFull);
  if ('problems' in read)
    throw new Fault(
      'store_corrupt',
      `definitions ${number} of ${tenantId} have ${read.problems.length} keys or values that this program does not know`,
    );
  return {
    tenantId,
    number,
    appliedAt,
    text,
    definitions: { ...read.definitions, changes: number },
  };
}
