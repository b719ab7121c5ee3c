import { type DefinitionsByTenant } from '@kpi/core';

import { type RedisClient, reach } from './connection.ts';
import { mastersOf } from './nodes.ts';
import { partitionKeys } from './partition-keys.ts';
import { wholeNumber } from './partition-state.ts';
import { loadScript, runScript } from './script.ts';
import {
  definitionsOfGeneration,
  fixDefinitions,
  forgetGenerations,
} from './tenant-definitions.ts';

const SWITCH = loadScript('switch-generation');
const SCANNED_AT_ONCE = 500;

export interface GenerationOptions {
  readonly client: RedisClient;
  /** KPI_REDIS_PREFIX. */
  readonly prefix: string;
}

/** Where it is kept which generation is in use, and how many there ever were. */
function generationKey(prefix: string, kind: 'current' | 'count'): string {
  return `${prefix}:{live}:${kind}`;
}

/** The generation of the live store that is read and written; 0 until the first rebuild. Throws `store_unreachable`. */
export async function currentGeneration({ client, prefix }: GenerationOptions): Promise<number> {
  return wholeNumber(
    'generation',
    (await reach('read generation', client.get(generationKey(prefix, 'current')))) ?? 0,
  );
}

/** By what each tenant's numbers in the generation in use are counted. Throws `store_unreachable`. */
export async function definitionsInForce(options: GenerationOptions): Promise<DefinitionsByTenant> {
  return definitionsOfGeneration(options, await currentGeneration(options));
}

/**
 * A number for a generation to be built that no other rebuild has or had. It counts by the newest definitions of every tenant: they
 * come into force with it. Throws `store_unreachable`.
 */
export async function newGeneration(options: GenerationOptions): Promise<number> {
  const { client, prefix } = options;
  const generation = await reach('new generation', client.incr(generationKey(prefix, 'count')));
  await fixDefinitions(options, generation);
  return generation;
}

/** Make another generation the one that is read, all partitions at once; false when `from` is not it any more. */
export async function switchGeneration(
  { client, prefix }: GenerationOptions,
  { from, to }: { readonly from: number; readonly to: number },
): Promise<boolean> {
  const answer = await runScript(client, SWITCH, {
    keys: [generationKey(prefix, 'current')],
    args: [from, to],
  });
  return answer === 1;
}

/**
 * Remove all keys of the live store in generations that are read no more: those that `isRemoved` names. Safe to repeat.
 * Throws `store_unreachable`.
 */
export async function removeGenerations(
  options: GenerationOptions,
  isRemoved: (generation: number) => boolean,
): Promise<void> {
  const { client, prefix } = options;
  const stem = partitionKeys(prefix, 0).owner.replace(/0\}:owner$/, '');
  for (const node of mastersOf(client)) {
    let cursor = '0';
    do {
      const [next, found] = await reach(
        'remove generations',
        node.scan(cursor, 'MATCH', `${globOf(stem)}*`, 'COUNT', SCANNED_AT_ONCE),
      );
      cursor = next;
      const keys = found.filter((key) => {
        const generation = generationOf(key.slice(stem.length));
        return generation !== undefined && isRemoved(generation);
      });
      await Promise.all(keys.map((key) => reach('remove generations', node.unlink(key))));
    } while (cursor !== '0');
  }
  await forgetGenerations(options, isRemoved);
}

/** Partition and generation in a key, after the stem of all partitions. */
const PLACE = /^\d+\}:(?:g(\d+):)?/;

function generationOf(rest: string): number | undefined {
  const place = PLACE.exec(rest);
  return place === null ? undefined : Number(place[1] ?? 0);
}

/** A prefix may hold characters that a pattern reads otherwise. */
function globOf(text: string): string {
  return text.replaceAll(/[*?[\]\\]/g, String.raw`\$&`);
}
