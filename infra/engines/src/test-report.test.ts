import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { afterEach, beforeEach, expect, test } from 'vitest';

import { type Scratch, createScratch } from './scratch.ts';
import { countTests } from './test-report.ts';

let scratch: Scratch;
let directory: string;

beforeEach(async () => {
  scratch = await createScratch();
  directory = scratch.path;
});

afterEach(() => scratch.remove());

async function count(report: unknown, exitCode: number): Promise<unknown> {
  const path = join(directory, 'report.json');
  await writeFile(path, JSON.stringify(report));
  return countTests(path, exitCode);
}

const file = (status: string, ...tests: readonly string[]) => ({
  status,
  assertionResults: tests.map((one) => ({ status: one })),
});

test('tests are counted over all files', async () => {
  const report = {
    testResults: [file('passed', 'passed', 'passed'), file('failed', 'passed', 'failed')],
  };
  expect(await count(report, 1)).toEqual({ passed: 3, failed: 1 });
});

test('a file that cannot be loaded is a failure', async () => {
  const report = { testResults: [file('passed', 'passed'), file('failed')] };
  expect(await count(report, 1)).toEqual({ passed: 1, failed: 1 });
});

test('a failed run without a failed test is a failure', async () => {
  expect(await count({ testResults: [file('passed', 'passed')] }, 1)).toEqual({
    passed: 1,
    failed: 1,
  });
  expect(await countTests(join(directory, 'missing.json'), 1)).toEqual({ passed: 0, failed: 1 });
});

test('a good run has none', async () => {
  expect(await count({ testResults: [file('passed', 'passed')] }, 0)).toEqual({
    passed: 1,
    failed: 0,
  });
});
