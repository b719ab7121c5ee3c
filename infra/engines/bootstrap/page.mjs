import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

import { Stop } from './say.mjs';

/** Build the page, unless its sources are built already. It says itself what it did. */
export async function buildPage(root) {
  const node = join(root, 'node_modules', '.bin', 'node');
  const build = spawn(node, [join(root, 'services', 'dashboard', 'build.mjs')], {
    // Standard output belongs to the program that follows.
    stdio: ['ignore', process.stderr, process.stderr],
  });
  const [code] = await once(build, 'exit').catch((error) => {
    throw new Stop(`The page could not be built: ${error.message}`);
  });
  if (code !== 0) throw new Stop(`The page could not be built (the build ended with ${code})`);
}
