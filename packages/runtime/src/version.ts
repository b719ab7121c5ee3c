import { readFileSync } from 'node:fs';

import { z } from 'zod';

const MANIFEST = z.object({ version: z.string() });

/** Version of this installation, from the manifest of the package that all services share. */
export const VERSION: string = MANIFEST.parse(
  JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')),
).version;
