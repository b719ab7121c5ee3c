import { readFile } from 'node:fs/promises';

import { vi } from 'vitest';

const WRITTEN_MS_MAX = 10_000;

/** The process id in the first line of a pid file. The program may speak before its supervisor has written it. */
export function readPid(path: string): Promise<number> {
  return vi.waitFor(
    async () => {
      const pid = Number.parseInt(await readFile(path, 'utf8'), 10);
      if (Number.isNaN(pid)) throw new Error(`${path} is empty`);
      return pid;
    },
    { timeout: WRITTEN_MS_MAX },
  );
}
