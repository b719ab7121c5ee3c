import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rename, rm, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

import { Fault } from '@kpi/core';

import { withLock } from './lock.ts';

const POM = fileURLToPath(new URL('../../pom.xml', import.meta.url));
/** One line of progress per so many files; the whole is about 60. */
const FILES_PER_LINE = 10;
const OUTPUT_LINES_KEPT = 15;

export interface FetchOptions {
  readonly onProgress: (line: string) => void;
  /** Folder for caches of this user; `$XDG_CACHE_HOME` or `~/.cache` when absent. */
  readonly cache?: string;
}

/**
 * The folder with Kafka, the registry and Redis as `pom.xml` names them. Fetched once per user and version of that file.
 * Two runs at once are safe: one fetches, the other waits; the folder appears whole or not at all.
 */
export async function fetchPrograms(options: FetchOptions): Promise<string> {
  const cache = join(options.cache ?? userCache(), 'kpi-stream');
  const hash = createHash('sha256')
    .update(await readFile(POM))
    .digest('hex')
    .slice(0, 12);
  const programs = join(cache, `engines-${hash}`);
  if (await exists(programs)) return programs;
  await mkdir(cache, { recursive: true });
  await withLock(`${programs}.lock`, async () => {
    if (!(await exists(programs))) await fetchInto(programs, options);
  });
  return programs;
}

function userCache(): string {
  const configured = process.env['XDG_CACHE_HOME'];
  return configured === undefined || configured === '' ? join(homedir(), '.cache') : configured;
}

async function fetchInto(programs: string, { onProgress }: FetchOptions): Promise<void> {
  const unfinished = await mkdtemp(`${programs}.part-`);
  try {
    onProgress('Fetching Kafka, the schema registry and Redis with Maven (once, about 170 MB)');
    await runMaven(unfinished, onProgress);
    await rename(unfinished, programs);
  } finally {
    await rm(unfinished, { recursive: true, force: true });
  }
}

function runMaven(out: string, onProgress: (line: string) => void): Promise<void> {
  const maven = spawn('mvn', ['-B', 'package', '-f', POM, `-Dout=${out}`], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const lastLines: string[] = [];
  let files = 0;
  const onLine = (line: string): void => {
    lastLines.push(line);
    if (lastLines.length > OUTPUT_LINES_KEPT) lastLines.shift();
    if (!line.includes('Downloaded from')) return;
    files += 1;
    if (files % FILES_PER_LINE === 0) onProgress(`Fetching engines: ${files} files`);
  };
  createInterface(maven.stdout).on('line', onLine);
  createInterface(maven.stderr).on('line', onLine);
  return new Promise((resolve, reject) => {
    maven.once('error', (cause) =>
      reject(new Fault('prerequisite_missing', 'Maven (mvn) is not installed', { cause })),
    );
    maven.once('close', (code) => {
      if (code === 0) resolve();
      else reject(new Fault('engine_failed', `Maven failed:\n${lastLines.join('\n')}`));
    });
  });
}

async function exists(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined)) !== undefined;
}
