import { expect, test } from 'vitest';

import { firstUnknownName, namesUsed } from './mapping-names.ts';
import { readMapping } from './read-mapping.ts';

const YAML = `
version: 1
source: academy
lookups:
  people: { file: people.csv, key: [person] }
inputs:
  - file: results.csv
    join: [{ lookup: people, on: { person: student } }]
    let: { a: '{day}', b: '{a}-{people.login}' }
    skip: [{ when: { kind: draft }, because: '{note}' }]
    events:
      - type: lms.course_completed
        when: { result: Pass }
        id: '{b}'
        occurred_at: { days: '{day}', after: '{a}' }
        properties: { course_id: '{course}' }
        attributes: { login: '{people.login}' }
`;
const COLUMNS = ['student', 'day', 'kind', 'note', 'result', 'course'];

function firstUnknown(yaml: string, header: readonly string[] | undefined, people = ['login']) {
  const { mapping } = readMapping(yaml, 'map.yaml');
  const [input] = mapping.inputs;
  if (input === undefined) throw new Error('the mapping has an input');
  const uses = namesUsed(input, mapping.lookups);
  return firstUnknownName(input, { uses, header, lookupHeader: () => people });
}

test('a mapping whose names are all columns, joined columns or computed is whole', () => {
  expect(firstUnknown(YAML, COLUMNS)).toBeUndefined();
});

test.each(COLUMNS)('a missing column %s is found wherever it is read', (column) => {
  const rest = COLUMNS.filter((each) => each !== column);
  expect(firstUnknown(YAML, rest)?.name).toBe(column);
});

test('a column that a lookup does not have is found with its path', () => {
  expect(firstUnknown(YAML, COLUMNS, ['name'])).toMatchObject({
    name: 'people.login',
    path: ['let', 'b'],
  });
});

test('a computed name is unknown before it is computed', () => {
  const swapped = YAML.replace("a: '{day}', b: '{a}-{people.login}'", "b: '{a}', a: '{day}'");
  expect(firstUnknown(swapped, COLUMNS)).toMatchObject({ name: 'a', path: ['let', 'b'] });
});

test('rows that carry their own names cannot be checked beforehand', () => {
  expect(firstUnknown(YAML, undefined)).toBeUndefined();
});
