import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, expect, test } from 'vitest';

import { type DemoState, readState, writeState } from './state.ts';

const STATE: DemoState = {
  version: 1,
  seed: 'state',
  from: 1,
  liveFrom: 5,
  timeline: [{ companyMs: 5, wallMs: 7, speed: 225.4 }],
  sentTo: 6,
  plannedTo: 9,
  treasuryTo: 7,
};

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kpi-demo-'));
});
afterEach(() => rm(folder, { recursive: true }));

test('before the first start there is no state', async () => {
  expect(await readState(join(folder, 'demo.json'))).toBeUndefined();
});

test('a written state is read back as it was, and the last one counts', async () => {
  const path = join(folder, 'demo.json');
  await writeState(path, { ...STATE, sentTo: 5 });
  await writeState(path, STATE);
  expect(await readState(path)).toEqual(STATE);
});

test('a file that is something else is a fault, not a new beginning', async () => {
  const path = join(folder, 'demo.json');
  await writeFile(path, '{"version": 1, "seed"');
  await expect(readState(path)).rejects.toMatchObject({ code: 'file_invalid' });
});
