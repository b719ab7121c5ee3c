import { defineConfig } from 'vitest/config';

const ENGINE_TESTS = '**/*.{redis,clickhouse,kafka,engines}.test.ts';
const SKIPPED_FOLDERS = ['**/node_modules/**', '**/.data/**', '**/.cache/**'];

/** kafkajs computes some waits below zero; Node takes them as "at once", which is what is meant. */
const QUIET = ['--disable-warning=TimeoutNegativeWarning'];

/** `unit` needs nothing; `engines` and `e2e` need Kafka, Redis, the registry and ClickHouse, which test/support starts once. */
export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          sequence: { groupOrder: 1 },
          include: ['**/*.test.ts'],
          exclude: [...SKIPPED_FOLDERS, ENGINE_TESTS, 'test/e2e/**'],
        },
      },
      {
        test: {
          name: 'engines',
          // After the unit tests, not beside them: these have deadlines.
          sequence: { groupOrder: 2 },
          execArgv: QUIET,
          include: [ENGINE_TESTS],
          exclude: [...SKIPPED_FOLDERS, 'test/e2e/**'],
          globalSetup: ['test/support/start-engines.ts'],
          // Guards against hanging; a slow machine with other work on it takes several times as long.
          testTimeout: 240_000,
          hookTimeout: 240_000,
        },
      },
      {
        test: {
          name: 'e2e',
          sequence: { groupOrder: 3 },
          execArgv: QUIET,
          include: ['test/e2e/**/*.test.ts'],
          exclude: SKIPPED_FOLDERS,
          globalSetup: ['test/support/start-engines.ts'],
          testTimeout: 600_000,
          hookTimeout: 240_000,
          fileParallelism: false,
        },
      },
    ],
  },
});
