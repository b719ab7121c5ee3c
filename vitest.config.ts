import { defineConfig } from 'vitest/config';

const ENGINE_TESTS = '**/*.{redis,clickhouse,kafka,engines}.test.ts';
const SKIPPED_FOLDERS = ['**/node_modules/**', '**/.data/**', '**/.cache/**'];

/** `unit` needs nothing; `engines` and `e2e` need Kafka, Redis, the registry and ClickHouse, which test/support starts once. */
export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          include: ['**/*.test.ts'],
          exclude: [...SKIPPED_FOLDERS, ENGINE_TESTS, 'test/e2e/**'],
        },
      },
      {
        test: {
          name: 'engines',
          include: [ENGINE_TESTS],
          exclude: [...SKIPPED_FOLDERS, 'test/e2e/**'],
          globalSetup: ['test/support/start-engines.ts'],
          testTimeout: 60_000,
          hookTimeout: 120_000,
        },
      },
      {
        test: {
          name: 'e2e',
          include: ['test/e2e/**/*.test.ts'],
          exclude: SKIPPED_FOLDERS,
          globalSetup: ['test/support/start-engines.ts'],
          testTimeout: 300_000,
          hookTimeout: 180_000,
          fileParallelism: false,
        },
      },
    ],
  },
});
