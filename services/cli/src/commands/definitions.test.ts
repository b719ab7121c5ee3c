import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { afterAll, beforeAll, expect, test } from 'vitest';

import { runTestCli } from '../test-cli.ts';

const DEFAULT_FILE = fileURLToPath(
  new URL('../../../../packages/definitions/default.yaml', import.meta.url),
);

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kpi-config-'));
});
afterAll(() => rm(folder, { recursive: true }));

async function file(text: string): Promise<string> {
  const path = join(folder, 'definitions.yaml');
  await writeFile(path, text);
  return path;
}

test('a file that can be applied is told in whole', async () => {
  const { code, out } = await runTestCli(['config', 'check', DEFAULT_FILE]);
  expect({ code, out }).toEqual({ code: 0, out: `${DEFAULT_FILE} can be applied.\n` });
  const path = await file('completion: {horizon: 14d}');
  const checked = await runTestCli(['config', 'check', path, '--json']);
  expect(JSON.parse(checked.out)).toMatchObject({
    definitions: { completion: { horizon: '14d', grace: '3d' }, low_n: 30 },
  });
});

test.each(['check', 'apply'])(
  'config %s names everything that is wrong, by line',
  async (command) => {
    const path = await file('completion:\n  horizon: 14\n  horizont: 14d\nlow_n: few\n');
    const { code, out, err } = await runTestCli(['config', command, path]);
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err.trimEnd().split('\n')).toEqual([
      `kpi: [definitions_invalid] ${path}:2:12: completion.horizon: expected a duration such as 28d, 24h or 90m`,
      `${path}:3:3: completion.horizont: there is no such key here; there are horizon, grace`,
      `${path}:4:8: low_n: expected a whole number from 0 to 1000000`,
    ]);
  },
);

test.each([
  [['config', 'check', '/nowhere.yaml'], '[not_found] there is no file /nowhere.yaml'],
  [['config', 'apply', DEFAULT_FILE, '--from', 'memory'], '--from is kafka or clickhouse'],
  [['config', 'apply', DEFAULT_FILE, '--tenant', 'a b'], 'a tenant id is 1 to 64 letters'],
])('%j is refused before anything is asked of an engine', async (words, message) => {
  const { code, err } = await runTestCli(words);
  expect(code).toBe(2);
  expect(err).toContain(message);
});
