import { readdir } from 'node:fs/promises';
import { join } from 'node:path';

import { afterEach, beforeEach, expect, test } from 'vitest';

import { type Scratch, createScratch } from '../scratch.ts';
import { fetchPrograms } from './fetch-programs.ts';

let scratch: Scratch;
let cache: string;

beforeEach(async () => {
  scratch = await createScratch();
  cache = scratch.path;
});

afterEach(() => scratch.remove());

test('two runs at once fetch the programs once, whole', async () => {
  const progress: string[] = [];
  const onProgress = (line: string): void => void progress.push(line);
  const [one, two] = await Promise.all([
    fetchPrograms({ cache, onProgress }),
    fetchPrograms({ cache, onProgress }),
  ]);
  expect(two).toBe(one);
  expect(progress.filter((line) => line.startsWith('Fetching Kafka'))).toHaveLength(1);
  expect(await readdir(join(cache, 'kpi-stream'))).toHaveLength(1);
  expect(await readdir(join(one, 'kafka'))).toContain('kafka_2.13-4.3.1.jar');
  expect(await readdir(join(one, 'registry'))).toContain('apicurio-registry-app-3.0.9-runner.jar');
  expect(await readdir(join(one, 'redis'))).toContain('redis-server-7.0.15-linux-amd64');
});
