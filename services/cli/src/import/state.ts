import { createHash } from 'node:crypto';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { z } from 'zod';

import type { ImportFile } from './files.ts';
import { NO_TALLY, type Tally } from './tally.ts';

/** How far an import got: everything up to `rowsDone` is in, or refused for good. */
export interface ImportState {
  readonly rowsDone: number;
  readonly tally: Tally;
}

export const NOTHING_DONE: ImportState = { rowsDone: 0, tally: NO_TALLY };

/**
 * An older state is not continued. The server at this address may be another one by then, and beginning at the start is
 * merely slower: what is there already stays as it is.
 */
const STATE_MS_MAX = 86_400_000;

const counts = z.record(z.string(), z.int());
const storedState = z.object({
  version: z.literal(1),
  saved_at: z.int(),
  rowsDone: z.int(),
  tally: z.object({
    rows: z.int(),
    skippedRows: z.int(),
    refusedRows: z.int(),
    idleRows: z.int(),
    events: z.int(),
    acceptedEvents: z.int(),
    refusedEvents: z.int(),
    eventsByType: counts,
    skipReasons: counts,
    refusalReasons: counts,
  }),
});

/** Where the progress of one import is kept between runs. Gone once the import is complete. */
export interface StateFile {
  readonly path: string;
  /** Nothing done when there is no file, an old one, or one that cannot be read: an import may always begin again. */
  load(now: number): Promise<ImportState>;
  save(state: ImportState, now: number): Promise<void>;
  remove(): Promise<void>;
}

/** What makes two runs the same import. */
export interface ImportIdentity {
  readonly files: readonly ImportFile[];
  readonly mappingText: string | undefined;
  readonly url: string;
  readonly tenant: string | undefined;
}

/**
 * The state file of an import, named by the contents of its files, its mapping and its target: a changed file or another
 * server begins at the start.
 */
export async function openState(folder: string, identity: ImportIdentity): Promise<StateFile> {
  const files = await Promise.all(
    identity.files.map(async (file) => [file.name, await hashContent(file)]),
  );
  const { mappingText, url, tenant } = identity;
  const name = sha256(JSON.stringify({ files, mappingText, url, tenant })).slice(0, 24);
  const path = join(folder, `${name}.json`);
  return {
    path,
    async load(now) {
      const text = await readFile(path, 'utf8').catch(() => '');
      const result = storedState.safeParse(text === '' ? undefined : parseJson(text));
      const isRecent = result.success && now - result.data.saved_at < STATE_MS_MAX;
      return isRecent ? result.data : NOTHING_DONE;
    },
    async save({ rowsDone, tally }, now) {
      await mkdir(folder, { recursive: true });
      // A crash in the middle of writing leaves the former file whole.
      await writeFile(
        `${path}.new`,
        JSON.stringify({ version: 1, saved_at: now, rowsDone, tally }),
      );
      await rename(`${path}.new`, path);
    },
    async remove() {
      await rm(path, { force: true });
    },
  };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

async function hashContent(file: ImportFile): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of file.read()) hash.update(chunk);
  return hash.digest('hex');
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
