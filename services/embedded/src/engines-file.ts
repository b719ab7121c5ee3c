import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import type { RunningEngines } from '@kpi/engines';

/** Says where the engines are, for the command line and for a shell (`set -a; . .data/engines.env`), while they run. */
export interface EnginesFile {
  write(urls: RunningEngines['urls']): Promise<void>;
  remove(): Promise<void>;
}

export function enginesFile(dataDir: string): EnginesFile {
  const path = join(dataDir, 'engines.env');
  return {
    write: (urls) => {
      const lines = Object.entries(urls).map(([name, url]) => `${name}=${url}\n`);
      return writeFile(path, lines.join(''));
    },
    remove: () => rm(path, { force: true }),
  };
}
