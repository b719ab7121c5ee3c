import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, expect, test } from 'vitest';

import { openLogFile } from './log-file.ts';
import { type ServiceProblem, createServiceLogs } from './service-log.ts';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kpi-log-'));
});
afterEach(() => rm(folder, { recursive: true }));

test('a full log is kept beside the new one', async () => {
  const path = join(folder, 'service.log');
  const log = openLogFile(path, 10);
  for (const line of ['one one one\n', 'two two two\n', 'three\n']) log.write(line);
  log.close();
  expect(await readFile(path, 'utf8')).toBe('three\n');
  expect(await readFile(`${path}.1`, 'utf8')).toBe('two two two\n');
});

test('errors are told, everything is written', async () => {
  const problems: ServiceProblem[] = [];
  const logs = createServiceLogs({ folder, level: 'info' }, (problem) => problems.push(problem));
  const log = logs.of('archive');
  log.info('quiet');
  log.error({ err: new Error('disk full') }, 'batch failed');
  logs.close();
  const logPath = join(folder, 'archive.log');
  expect(problems).toEqual([{ service: 'archive', text: 'batch failed: disk full', logPath }]);
  expect((await readFile(logPath, 'utf8')).split('\n')).toHaveLength(3);
});

test('the log of the run before is kept', async () => {
  for (const text of ['first run', 'second run']) {
    const logs = createServiceLogs({ folder, level: 'info' }, () => undefined);
    logs.of('api').info(text);
    logs.close();
  }
  expect(await readFile(join(folder, 'api.log.1'), 'utf8')).toContain('first run');
  expect(await readFile(join(folder, 'api.log'), 'utf8')).toContain('second run');
});
