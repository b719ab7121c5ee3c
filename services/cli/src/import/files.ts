import { createReadStream } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';

import { Fault } from '@kpi/core';

import type { ByteSource } from './rows.ts';

/** A file to import. */
export interface ImportFile extends ByteSource {
  /** As given on the command line; `-` is standard input. */
  readonly path: string;
  /** Undefined for standard input. */
  readonly bytes: number | undefined;
  /** False for a file that only a folder brought along: the mapping need not know it. */
  readonly isNamed: boolean;
}

const CHUNK_BYTES = 262_144;

/** The files that arguments stand for: a folder stands for the files in it, `-` for standard input. */
export async function resolveFiles(
  paths: readonly string[],
  stdin: AsyncIterable<Buffer>,
): Promise<readonly ImportFile[]> {
  const found = await Promise.all(paths.map((path) => resolvePath(path, stdin)));
  return found.flat();
}

/** Whether a file's name fits the name or the `*` pattern of a mapping. */
export function fitsPattern(name: string, pattern: string): boolean {
  const escaped = pattern.replaceAll(/[.+?^${}()|[\]\\]/g, String.raw`\$&`).replaceAll('*', '.*');
  return new RegExp(`^${escaped}$`).test(name);
}

function standardInput(stdin: AsyncIterable<Buffer>): ImportFile {
  return { path: '-', name: 'standard input', bytes: undefined, isNamed: true, read: () => stdin };
}

async function resolvePath(
  path: string,
  stdin: AsyncIterable<Buffer>,
): Promise<readonly ImportFile[]> {
  if (path === '-') return [standardInput(stdin)];
  const found = await stat(path).catch(() => undefined);
  if (found === undefined) throw new Fault('not_found', `there is no file ${path}`);
  if (!found.isDirectory()) return [fileAt(path, { bytes: found.size, isNamed: true })];
  const entries = await readdir(path, { withFileTypes: true });
  const names = entries.filter((entry) => entry.isFile()).map((entry) => join(path, entry.name));
  return Promise.all(
    names
      .toSorted()
      .map(async (name) => fileAt(name, { bytes: (await stat(name)).size, isNamed: false })),
  );
}

function fileAt(path: string, known: Pick<ImportFile, 'bytes' | 'isNamed'>): ImportFile {
  return {
    path,
    name: basename(path),
    ...known,
    read: () => createReadStream(path, { highWaterMark: CHUNK_BYTES }),
  };
}
