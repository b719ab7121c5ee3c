import { randomUUID } from 'node:crypto';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * Files that bodies and results pass through. The engine reads and writes every format there, off the event loop, with
 * memory that does not grow with the data; they rarely leave the page cache.
 */
export class Spool {
  readonly #directory: string;

  constructor(directory: string) {
    this.#directory = directory;
  }

  /** Make the folder, without what a killed process left in it. */
  async clear(): Promise<void> {
    await rm(this.#directory, { recursive: true, force: true });
    await mkdir(this.#directory, { recursive: true });
  }

  /** Lend a path for the time of `work`. Nothing is created there, but what appears is removed. */
  async lend<Result>(work: (path: string) => Promise<Result>): Promise<Result> {
    const path = join(this.#directory, randomUUID());
    try {
      return await work(path);
    } finally {
      await rm(path, { force: true });
    }
  }
}
