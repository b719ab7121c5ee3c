import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';

import { type RedisClient, reach } from './connection.ts';

/** A Lua script of this package, sent once per server and called by its hash from then on. */
export interface Script {
  readonly name: string;
  readonly source: string;
  readonly sha1: string;
}

/** The script in `lua/<name>.lua`. */
export function loadScript(name: string): Script {
  const source = readFileSync(new URL(`../lua/${name}.lua`, import.meta.url), 'utf8');
  return { name, source, sha1: createHash('sha1').update(source).digest('hex') };
}

export interface ScriptCall {
  /** All in one hash slot. */
  readonly keys: readonly string[];
  readonly args: readonly (string | number)[];
}

/** Run a script atomically. The caller parses the answer. Throws `store_unreachable`. */
export async function runScript(
  client: RedisClient,
  script: Script,
  call: ScriptCall,
): Promise<unknown> {
  // One array, not one argument each: a large batch has more than a call may be given.
  const parameters = [String(call.keys.length), ...call.keys, ...call.args.map(String)];
  try {
    return await reach(script.name, client.call('EVALSHA', [script.sha1, ...parameters]));
  } catch (error) {
    if (!(error instanceof Error && error.message.startsWith('NOSCRIPT'))) throw error;
    return reach(script.name, client.call('EVAL', [script.source, ...parameters]));
  }
}
