import { createWriteStream } from 'node:fs';
import { open, rename, rm } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';

import { Fault } from '@kpi/core';

import type { Terminal } from '../context.ts';
import { Interrupted } from '../interrupted.ts';

export interface DownloadOptions {
  /** Where to; undefined is `out`. */
  readonly path: string | undefined;
  readonly out: Terminal;
  readonly signal: AbortSignal;
  readonly onProgress: (bytes: number) => void;
}

/**
 * Bring an answer into a file, or to standard output. The file has its name only once it is whole and on disk. Throws
 * `service_unreachable` when the answer breaks off. Answers with the bytes.
 */
export async function download(
  body: AsyncIterable<Uint8Array>,
  options: DownloadOptions,
): Promise<number> {
  const counted = count(body, options);
  if (options.path === undefined) return toTerminal(counted, options);
  const part = `${options.path}.part`;
  let bytes = 0;
  try {
    await pipeline(counted.chunks, createWriteStream(part), { signal: options.signal });
    bytes = counted.bytes();
    await sync(part);
    await rename(part, options.path);
    return bytes;
  } catch (error) {
    await rm(part, { force: true });
    throw explained(error, options.signal);
  }
}

async function toTerminal(counted: Counted, { out, signal }: DownloadOptions): Promise<number> {
  try {
    await pipeline(counted.chunks, out.stream, { signal, end: false });
    return counted.bytes();
  } catch (error) {
    throw explained(error, signal);
  }
}

interface Counted {
  readonly chunks: AsyncIterable<Uint8Array>;
  readonly bytes: () => number;
}

function count(body: AsyncIterable<Uint8Array>, options: DownloadOptions): Counted {
  let bytes = 0;
  async function* chunks(): AsyncGenerator<Uint8Array> {
    for await (const chunk of body) {
      bytes += chunk.length;
      options.onProgress(bytes);
      yield chunk;
    }
  }
  return { chunks: chunks(), bytes: () => bytes };
}

async function sync(path: string): Promise<void> {
  const file = await open(path, 'r');
  try {
    await file.sync();
  } finally {
    await file.close();
  }
}

/** A disk that is full names itself; fetch only says `terminated`. */
function explained(error: unknown, signal: AbortSignal): unknown {
  if (signal.aborted) return new Interrupted('stopped; nothing is kept');
  if (error instanceof TypeError) {
    return new Fault('service_unreachable', 'the answer broke off; nothing is kept', {
      cause: error,
    });
  }
  return error;
}
