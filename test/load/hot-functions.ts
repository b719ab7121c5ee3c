import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';

import { z } from 'zod';

/** The part of a V8 CPU profile that tells self time. */
const PROFILE = z.object({
  nodes: z.array(
    z.object({
      id: z.number(),
      callFrame: z.object({ functionName: z.string(), url: z.string(), lineNumber: z.number() }),
    }),
  ),
  samples: z.array(z.number()),
  timeDeltas: z.array(z.number()),
});

export type Profile = z.infer<typeof PROFILE>;

/** A function and how long it ran itself, without what it called. */
export interface HotFunction {
  readonly name: string;
  /** File and line, from the last folder of source on. */
  readonly place: string;
  readonly selfMs: number;
  /** Of the time in which the process was not idle, 0 to 1. */
  readonly share: number;
}

const IDLE = '(idle)';

/** The longest-running functions of the only profile in a folder. */
export async function readHotFunctions(
  folder: string,
  count: number,
): Promise<readonly HotFunction[]> {
  const name = (await readdir(folder)).find((file) => file.endsWith('.cpuprofile'));
  if (name === undefined) throw new Error(`${folder} holds no profile`);
  const text = await readFile(join(folder, name), 'utf8');
  return hotFunctions(PROFILE.parse(JSON.parse(text)), count);
}

/** The functions with the most self time, longest first. */
export function hotFunctions(profile: Profile, count: number): readonly HotFunction[] {
  const frames = new Map(profile.nodes.map(({ id, callFrame }) => [id, callFrame]));
  const selfUs = new Map<string, number>();
  for (const [index, id] of profile.samples.entries()) {
    const frame = frames.get(id);
    if (frame === undefined || frame.functionName === IDLE) continue;
    const key = `${frame.functionName || '(anonymous)'}\n${placeOf(frame)}`;
    selfUs.set(key, (selfUs.get(key) ?? 0) + (profile.timeDeltas[index] ?? 0));
  }
  const busyUs = [...selfUs.values()].reduce((sum, us) => sum + us, 0);
  return [...selfUs]
    .toSorted(([, a], [, b]) => b - a)
    .slice(0, count)
    .map(([key, us]) => {
      const [name = '', place = ''] = key.split('\n');
      return { name, place, selfMs: Math.round(us / 1_000), share: us / busyUs };
    });
}

function placeOf({ url, lineNumber }: Profile['nodes'][number]['callFrame']): string {
  if (url === '') return '(native)';
  const path = url
    .replace(/^.*\/node_modules\/(?!\.pnpm)/, '')
    .replace(/^file:.*\/(packages|services)\//, '$1/');
  return `${path}:${lineNumber + 1}`;
}
