import { execFileSync } from 'node:child_process';
import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

import { afterEach, beforeEach, expect, test } from 'vitest';

import { type Scratch, createScratch } from './scratch.ts';

const STEP = new URL('../bootstrap/page.mjs', import.meta.url).href;

let scratch: Scratch;

beforeEach(async () => {
  scratch = await createScratch();
});

afterEach(() => scratch.remove());

/** What the step of the bootstrap says in a tree whose Node is a shell script: its reason not to go on, or `go`. */
async function buildWith(script: string): Promise<string> {
  const node = join(scratch.path, 'node_modules', '.bin', 'node');
  await mkdir(dirname(node), { recursive: true });
  await writeFile(node, `#!/bin/sh\n${script}\n`);
  await chmod(node, 0o755);
  const program = `
    import { buildPage } from '${STEP}';
    const said = await buildPage('${scratch.path}').then(() => 'go', (stop) => stop.message);
    process.stdout.write(said);
  `;
  return execFileSync(process.execPath, ['--input-type=module', '--eval', program]).toString();
}

test('the pinned Node builds the page of this tree', async () => {
  const said = await buildWith(
    `test "$1" = '${join(scratch.path, 'services', 'dashboard', 'build.mjs')}'`,
  );
  expect(said).toBe('go');
});

test('a page that cannot be built is one clear line', async () => {
  expect(await buildWith('exit 3')).toBe('The page could not be built (the build ended with 3)');
});
