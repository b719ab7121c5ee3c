import { dirname } from 'node:path';

import { expect, test } from 'vitest';
import { z } from 'zod';

import { type PackageFile, findWrongImports } from './dependencies.ts';
import { readFiles } from './repository.ts';

const MANIFEST = z.object({ name: z.string() });

function packageFiles(): readonly PackageFile[] {
  return readFiles('{packages,services}/*/package.json')
    .concat(readFiles('infra/engines/package.json'))
    .flatMap((manifest) => {
      const { name: owner } = MANIFEST.parse(JSON.parse(manifest.text));
      return readFiles(`${dirname(manifest.path)}/**/*.ts`).map((file) => ({ ...file, owner }));
    });
}

test('imports follow the direction of the layers', () => {
  const files = packageFiles();
  expect(files.length).toBeGreaterThan(100);
  expect(findWrongImports(files)).toEqual([]);
});

test.each([
  ['@kpi/core', `import { z } from 'zod';`],
  ['@kpi/core', `import { readFile } from 'node:fs/promises';`],
  ['@kpi/redis', `import { Kafka } from 'kafkajs';`],
  ['@kpi/redis', `export { type KafkaClient } from '@kpi/kafka';`],
  ['@kpi/runtime', `import { createRedis } from '@kpi/redis';`],
  ['@kpi/api', `import { start } from '@kpi/ingest';`],
  ['@kpi/cli', `const { createClient } = await import('@clickhouse/client');`],
  ['@kpi/api', `import { uniqueNames } from '@kpi/test/support/unique-names';`],
  ['@kpi/newcomer', `import { Fault } from '@kpi/core';`],
])('in %s, %s is found', (owner, text) => {
  expect(findWrongImports([{ path: 'src/x.ts', text, owner }])).toHaveLength(1);
});

test.each([
  ['@kpi/core', `import { Fault } from './fault.ts';`],
  ['@kpi/kafka', `import { Kafka } from 'kafkajs';`],
  ['@kpi/embedded', `import { start } from '@kpi/ingest';`],
])('in %s, %s is right', (owner, text) => {
  expect(findWrongImports([{ path: 'src/x.ts', text, owner }])).toEqual([]);
});
