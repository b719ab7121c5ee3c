import { createWriteStream } from 'node:fs';
import { once } from 'node:events';
import { finished } from 'node:stream/promises';

import type { Refusal } from './batches.ts';

/** Keeps what did not get in: the first ones for the screen, all of them in a file when one is asked for. */
export interface Rejects {
  readonly first: readonly Refusal[];
  add(refusals: readonly Refusal[]): Promise<void>;
  close(): Promise<void>;
}

/** More lines than this on a screen are not read. */
const SHOWN_MAX = 20;

/** `path` is the file for NDJSON, one refusal a line; `isContinued` adds to it, as a resumed import does. */
export async function openRejects(
  path: string | undefined,
  isContinued: boolean,
): Promise<Rejects> {
  const first: Refusal[] = [];
  const file =
    path === undefined ? undefined : createWriteStream(path, { flags: isContinued ? 'a' : 'w' });
  if (file !== undefined) await once(file, 'open');
  return {
    first,
    async add(refusals) {
      first.push(...refusals.slice(0, Math.max(0, SHOWN_MAX - first.length)));
      const text = refusals.map((refusal) => `${JSON.stringify(refusal)}\n`).join('');
      if (file !== undefined && !file.write(text)) await once(file, 'drain');
    },
    async close() {
      if (file === undefined) return;
      file.end();
      await finished(file);
    },
  };
}
