import { fileURLToPath } from 'node:url';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { Fault } from '@kpi/core';
import { CommanderError } from 'commander';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { RequestRefused } from './client/request-refused.ts';
import { exitCodeOf } from './exit-code.ts';
import { Interrupted } from './interrupted.ts';
import { runTestCli } from './test-cli.ts';

const SAMPLE = fileURLToPath(new URL('../fixtures/oulad', import.meta.url));
const MAPPING = fileURLToPath(new URL('../mappings/oulad.yaml', import.meta.url));

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kpi-cli-'));
});
afterAll(() => rm(folder, { recursive: true }));

async function file(name: string, text: string): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, text);
  return path;
}

test.each([
  [new Fault('config_invalid', ''), 2],
  [new Fault('mapping_invalid', ''), 2],
  [new Fault('topic_mismatch', ''), 3],
  [new Fault('partition_mismatch', ''), 3],
  [new Fault('verify_failed', ''), 3],
  [new Fault('broker_unreachable', ''), 4],
  [new Fault('service_unreachable', ''), 4],
  [new Fault('key_forbidden', ''), 5],
  [new Fault('store_corrupt', ''), 1],
  [new RequestRefused(400, 'parameter_invalid', ''), 2],
  [new RequestRefused(401, 'key_missing', ''), 5],
  [new RequestRefused(404, 'kpi_unknown', ''), 2],
  [new RequestRefused(503, 'history_unreachable', ''), 4],
  [new RequestRefused(500, 'internal_error', ''), 1],
  [new Interrupted('stopped'), 130],
  [new CommanderError(0, 'commander.help', ''), 0],
  [new CommanderError(1, 'commander.unknownCommand', ''), 2],
  [new TypeError('a bug'), 1],
])('%s ends with %i', (error, code) => {
  expect(exitCodeOf(error)).toBe(code);
});

test('help goes to standard output and names the exit codes', async () => {
  const { code, out, err } = await runTestCli(['--help']);
  expect({ code, err }).toEqual({ code: 0, err: '' });
  expect(out).toContain('Exit codes:');
});

const COMMANDS = [
  'status',
  'query',
  'members',
  'watch',
  'import',
  'verify',
  'topics',
  'schemas',
  'keys',
  'migrate',
  'config',
];

test.each(COMMANDS)('kpi %s --help has examples', async (command) => {
  const { code, out } = await runTestCli([command, '--help']);
  expect(code).toBe(0);
  expect(out).toContain(`Examples:\n  `);
  expect(out).toContain(`kpi ${command}`);
});

test.each([
  [['improt', 'x'], "error: unknown command 'improt'"],
  [['query'], "error: missing required argument 'kpi'"],
  [['members', 'nps_score', '--limit', 'all'], 'a number from 1 on'],
  [['members', 'nps_score', '--format', 'parquet'], 'Allowed choices are csv, ndjson.'],
  [['import', 'x', '--batch', 'many'], 'It must be a whole number, 1 to 1000.'],
  [['import', 'x', '--retry-for', 'long'], 'It must be a duration such as 10m or 2h.'],
  [['keys', 'create', '--scope', 'write'], 'A scope is ingest, read, admin.'],
  [['import', '/nowhere.csv'], 'kpi: [not_found] there is no file /nowhere.csv\n'],
  [['import', '-', '--mapping', '/nowhere.yaml'], '[not_found] there is no mapping file'],
  [['status', '--url', 'nonsense'], 'kpi: [config_invalid] KPI_URL: Invalid URL\n'],
])('wrong usage %j is one clear line and ends with 2', async (words, message) => {
  const { code, out, err } = await runTestCli(words);
  expect({ code, out }).toEqual({ code: 2, out: '' });
  expect(err).toContain(message);
});

test('events from standard input are rehearsed', async () => {
  const event = {
    event_id: 'e1',
    event_type: 'user.identified',
    source: 'crm',
    occurred_at: '2026-01-01T00:00:00Z',
    user_id: 'u1',
    properties: {},
  };
  const lines = [event, { ...event, event_type: 'user.sneezed' }, { ...event, user_id: null }];
  const stdin = `${lines.map((line) => JSON.stringify(line)).join('\n')}\nnonsense\n`;
  const { code, out } = await runTestCli(['import', '-', '--dry-run', '--json'], { stdin });
  expect(code).toBe(3);
  expect(JSON.parse(out)).toMatchObject({
    rows: 4,
    rows_refused: 1,
    events: 3,
    events_refused: 2,
    rejects: [
      { file: 'standard input', line: 4, reason: expect.stringContaining('is not JSON') },
      { line: 2, code: 'event_type_unknown', path: '/event_type' },
      { line: 3, code: 'subject_missing' },
    ],
  });
});

test('a rehearsal shows counts, reasons and examples to people, and writes rejects', async () => {
  const { code, out } = await runTestCli([
    'import',
    SAMPLE,
    '--mapping',
    MAPPING,
    '--dry-run',
    '--rejects',
    join(folder, 'rejects.ndjson'),
  ]);
  expect(code).toBe(0);
  expect(out).toContain('lms.course_enrolled           24');
  expect(out).toContain('4 × the assessment has no score');
  expect(out).toContain('Nothing was sent.');
});

test('bad rows are listed by file and line', async () => {
  const mapping = await file(
    'map.yaml',
    `version: 1
source: academy
inputs:
  - file: people.csv
    events:
      - { type: user.identified, id: '{id}', occurred_at: '{day}', user_id: '{id}' }
`,
  );
  const people = await file('people.csv', 'id,day\n1,2026-01-01\n2,soon\n3\n');
  const words = ['import', people, '--mapping', mapping, '--dry-run'];
  const { code, out } = await runTestCli(words);
  expect(code).toBe(3);
  expect(out).toContain('people.csv line 3: occurred_at: "soon" is not a date (format iso)');
  expect(out).toContain('people.csv line 4: has 1 fields where the header has 2');
  expect(out).toContain('1 × occurred_at: … is not a date (format iso)');
});

test('a mapping that names a column that is not there is refused before anything is read', async () => {
  const mapping = await file(
    'typo.yaml',
    `version: 1
source: academy
inputs:
  - file: people.csv
    events:
      - type: user.identified
        id: '{idd}'
        occurred_at: '{day}'
`,
  );
  const people = await file('people.csv', 'id,day\n1,2026-01-01\n');
  const { code, err } = await runTestCli(['import', people, '--mapping', mapping]);
  expect(code).toBe(2);
  expect(err).toBe(
    'kpi: [mapping_invalid] typo.yaml line 7, inputs[0].events[0].id: nothing is called idd (columns of people.csv: id, day)\n',
  );
});

test('kpi config lists options with their defaults', async () => {
  const { out } = await runTestCli(['config', '--json']);
  expect(JSON.parse(out)).toContainEqual(
    expect.objectContaining({
      title: 'Command line',
      options: expect.arrayContaining([
        expect.objectContaining({ name: 'KPI_URL', default: 'http://127.0.0.1:8080' }),
      ]),
    }),
  );
});
