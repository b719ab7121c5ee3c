/**
 * Build the page into `dist`, unless these very sources are built already. Runs before `npm start`, before the tests and in the
 * image; says in a line what it did.
 */
import { createHash } from 'node:crypto';
import { globSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { brotliCompress, gzip } from 'node:zlib';

const ROOT = fileURLToPath(new URL('./', import.meta.url));
const DIST = join(ROOT, 'dist');
const STAMP = join(DIST, 'sources.sha256');
const SOURCES = [
  'index.html',
  'build.mjs',
  'vite.config.ts',
  'package.json',
  'public/**',
  'src/**',
];
const TEXT = '**/*.{html,js,css,svg}';

/** One name for the sources as they are, tests left out, and for the libraries that are bundled with them. */
async function sourceHash() {
  const paths = globSync(SOURCES, { cwd: ROOT, withFileTypes: true })
    .filter((entry) => entry.isFile() && !entry.name.includes('.test.'))
    .map((entry) => join(entry.parentPath, entry.name))
    .toSorted();
  const hash = createHash('sha256');
  for (const path of [...paths, join(ROOT, '../../pnpm-workspace.yaml')])
    hash
      .update(path.slice(ROOT.length))
      .update('\0')
      .update(await readFile(path))
      .update('\0');
  return hash.digest('hex');
}

/** The server sends these as they are: compressing at each request would cost more than it saves. */
async function compress() {
  const sizes = { bytes: 0, brotli: 0 };
  for (const name of globSync(TEXT, { cwd: DIST })) {
    const path = join(DIST, name);
    const content = await readFile(path);
    const [br, gz] = await Promise.all([
      promisify(brotliCompress)(content),
      promisify(gzip)(content, { level: 9 }),
    ]);
    await Promise.all([writeFile(`${path}.br`, br), writeFile(`${path}.gz`, gz)]);
    sizes.bytes += content.length;
    sizes.brotli += br.length;
  }
  return sizes;
}

async function build() {
  const hash = await sourceHash();
  if ((await readFile(STAMP, 'utf8').catch(() => '')) === hash) return;
  const begun = performance.now();
  // Loaded only when there is something to build: that it is installed is no condition for a page that is built.
  const vite = await import('vite');
  await vite.build({ root: ROOT, logLevel: 'warn' });
  const { bytes, brotli } = await compress();
  await writeFile(STAMP, hash);
  const seconds = ((performance.now() - begun) / 1_000).toFixed(1);
  const kib = (count) => `${(count / 1_024).toFixed(1)} KiB`;
  process.stderr.write(`Page built in ${seconds} s: ${kib(bytes)}, ${kib(brotli)} compressed\n`);
}

await build();
