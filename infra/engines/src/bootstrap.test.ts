import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';

import { expect, test } from 'vitest';

const BOOTSTRAP = fileURLToPath(new URL('../bootstrap.mjs', import.meta.url));

interface Outcome {
  readonly code: unknown;
  readonly said: string;
}

async function node(
  args: readonly string[],
  environment: Record<string, string>,
): Promise<Outcome> {
  const child = spawn(process.execPath, args, {
    env: environment,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const [said, [code]] = await Promise.all([text(child.stderr), once(child, 'exit')]);
  return { code, said };
}

test('everything that is missing is named in one line', async () => {
  const { code, said } = await node([BOOTSTRAP, 'start'], { PATH: '/nowhere' });
  expect(code).toBe(1);
  expect(said).toBe(
    'Missing: npm with npx; Java 17 or later (java on the PATH); Maven (mvn on the PATH)\n',
  );
});

test('engines that run elsewhere need neither Java nor Maven', async () => {
  const { said } = await node([BOOTSTRAP, 'start'], {
    PATH: '/nowhere',
    KPI_KAFKA_BROKERS: 'kafka:9092',
    KPI_REGISTRY_URL: 'http://registry:8081',
    KPI_REDIS_URL: 'redis://redis:6379',
  });
  expect(said).toBe('Missing: npm with npx\n');
});

test('an unknown command is answered with the usage', async () => {
  expect(await node([BOOTSTRAP, 'fly'], {})).toEqual({
    code: 2,
    said: 'usage: bootstrap.mjs start|test [ARGUMENT...]\n',
  });
});
