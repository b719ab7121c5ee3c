import { readFile } from 'node:fs/promises';

/** How many tests passed and failed; a file that could not even be loaded counts as one that failed. */
export interface Counts {
  readonly passed: number;
  readonly failed: number;
}

/**
 * Count the tests of vitest's JSON report. A run that failed without a failed test (an unhandled error, no report, no test at
 * all) counts one failure: `0 failed` must mean that all is well.
 */
export async function countTests(reportPath: string, exitCode: number): Promise<Counts> {
  const report: unknown = JSON.parse(await readFile(reportPath, 'utf8').catch(() => '{}'));
  const files = listOf(report, 'testResults');
  const tests = files.flatMap((file) => listOf(file, 'assertionResults'));
  const passed = tests.filter((test) => statusOf(test) === 'passed').length;
  const failed =
    tests.filter((test) => statusOf(test) === 'failed').length +
    files.filter((file) => statusOf(file) === 'failed' && !hasFailedTest(file)).length;
  return { passed, failed: exitCode === 0 || failed > 0 ? failed : 1 };
}

function hasFailedTest(file: unknown): boolean {
  return listOf(file, 'assertionResults').some((test) => statusOf(test) === 'failed');
}

function listOf(value: unknown, name: string): readonly unknown[] {
  const list = fieldOf(value, name);
  return Array.isArray(list) ? list : [];
}

function statusOf(value: unknown): unknown {
  return fieldOf(value, 'status');
}

function fieldOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
}
