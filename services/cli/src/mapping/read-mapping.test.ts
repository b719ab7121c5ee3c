import { readFile } from 'node:fs/promises';

import { Fault } from '@kpi/core';
import { expect, test } from 'vitest';

import { runTestCli } from '../test-cli.ts';
import { readMapping } from './read-mapping.ts';

const GOOD = `version: 1
source: academy
lookups:
  people:
    file: people.csv
    key: [person]
inputs:
  - file: results.csv
    join:
      - lookup: people
    events:
      - type: lms.course_completed
        id: '{course}:{person}'
        occurred_at: '{day}'
        properties:
          course_id: '{course}'
`;

function messageFor(text: string): string {
  try {
    readMapping(text, 'map.yaml');
  } catch (error) {
    if (error instanceof Fault && error.code === 'mapping_invalid') return error.detail;
    throw error;
  }
  throw new Error('the mapping was accepted');
}

test('a whole mapping is read, with its defaults', () => {
  const { mapping } = readMapping(GOOD, 'map.yaml');
  expect(mapping.inputs[0]).toMatchObject({ file: 'results.csv', empty: [], let: {}, skip: [] });
});

test('a place in the mapping is a line and a path', () => {
  const { place } = readMapping(GOOD, 'map.yaml');
  expect(place(['inputs', 0, 'events', 0, 'properties', 'course_id'])).toBe(
    'map.yaml line 16, inputs[0].events[0].properties.course_id',
  );
  expect(place([])).toBe('map.yaml line 1');
});

test('a place that does not exist is that of what surrounds it', () => {
  const { place } = readMapping(GOOD, 'map.yaml');
  expect(place(['inputs', 0, 'events', 0, 'user_id'])).toContain('map.yaml line 12, ');
});

test.each([
  [
    'an unknown key',
    GOOD.replace('properties:', 'propertys:'),
    'line 12, inputs[0].events[0]: Unrecognized key: "propertys"',
  ],
  [
    'a missing key',
    GOOD.replace(/ +id:.*\n/, ''),
    'line 12, inputs[0].events[0].id: a value is a template',
  ],
  ['another version', GOOD.replace('version: 1', 'version: 2'), 'line 1, version: must be 1'],
  [
    'a bad template',
    GOOD.replace("'{day}'", "'{day'"),
    'line 14, inputs[0].events[0].occurred_at: a single { in a template is written {{',
  ],
  [
    'a bad event type',
    GOOD.replace('lms.course_completed', 'completed'),
    'line 12, inputs[0].events[0].type: must be an event type',
  ],
  [
    'an unknown lookup',
    GOOD.replace('lookup: people', 'lookup: persons'),
    'line 10, inputs[0].join[0].lookup: no lookup is named persons',
  ],
  [
    'a join that does not name the key',
    GOOD.replace('lookup: people', 'lookup: people\n        on: { id: person }'),
    "line 11, inputs[0].join[0].on: must name the lookup's key (person)",
  ],
  [
    'a path instead of a file name',
    GOOD.replace('file: results.csv', 'file: data/results.csv'),
    'line 8, inputs[0].file: is a file name or pattern, not a path',
  ],
  [
    'no inputs',
    GOOD.slice(0, GOOD.indexOf('inputs:')),
    'map.yaml line 1, inputs: Invalid input: expected array',
  ],
  ['something other than a mapping', 'hello', 'map.yaml line 1: Invalid input: expected object'],
  ['broken YAML', GOOD.replace('key: [person]', 'key: [person'), 'map.yaml line 7: '],
])('%s is refused with its line and path', (_, text, message) => {
  expect(messageFor(text)).toContain(message);
});

test('all mistakes are named at once', () => {
  const text = GOOD.replace('version: 1', 'version: 2').replace("'{day}'", 'null');
  expect(messageFor(text).split('\n')).toHaveLength(2);
});

test('the example of the reference is a mapping', async () => {
  const reference = await readFile(new URL('../../MAPPING.md', import.meta.url), 'utf8');
  const [, example = ''] = /```yaml\n(.*?)```/s.exec(reference) ?? [];
  expect(readMapping(example, 'MAPPING.md').mapping.inputs).toHaveLength(1);
});

test('the example of the help is a mapping', async () => {
  const { out } = await runTestCli(['import', '--help']);
  const example = out.slice(out.indexOf('  version: 1'), out.indexOf('Ctrl-C'));
  expect(readMapping(example, 'help').mapping.inputs).toHaveLength(1);
});
