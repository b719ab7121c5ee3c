import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { Stop, say } from './say.mjs';

const PNPM = 'pnpm@12.21.0';

/** Install the packages of the lock file, the pinned Node among them, unless this lock file is installed already. */
export async function install(root) {
  const stamp = join(root, 'node_modules', '.installed-lock');
  const lock = await lockHash(root);
  if ((await readFile(stamp, 'utf8').catch(() => '')) === lock) return;
  say('Installing packages (the first time, about 900 MB)');
  // Its progress is for people; standard output belongs to the program that follows.
  const pnpm = spawn('npx', ['-y', PNPM, 'install', '--frozen-lockfile'], {
    cwd: root,
    stdio: ['ignore', process.stderr, process.stderr],
    env: { ...process.env, CI: 'true' },
  });
  const [code] = await once(pnpm, 'exit').catch((error) => {
    throw new Stop(`npx could not be started: ${error.message}`);
  });
  if (code !== 0)
    throw new Stop(`The packages could not be installed (${PNPM} ended with ${code})`);
  await writeFile(stamp, lock);
}

async function lockHash(root) {
  const lock = await readFile(join(root, 'pnpm-lock.yaml'));
  return createHash('sha256').update(lock).digest('hex');
}
