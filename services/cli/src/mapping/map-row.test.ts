import { expect, test } from 'vitest';

import { type FindRow, mapRow } from './map-row.ts';
import { readMapping } from './read-mapping.ts';
import type { Scalar } from './row.ts';

const YAML = `
version: 1
source: academy
pii_class: personal
lookups:
  people:
    file: people.csv
    key: [person]
inputs:
  - file: results.csv
    join:
      - lookup: people
        as: owner
        on: { person: student }
    let:
      start: '2013-10-01'
      enrolled_at: { days: '{day}', after: '{start}' }
    skip:
      - when: { kind: draft }
        because: 'a draft of {student}'
    events:
      - type: lms.course_enrolled
        id: 'e:{course}:{student}'
        occurred_at: '{enrolled_at}'
        user_id: '{owner.login}'
        source_version: { number: '{version}' }
        external_ids: { badge: '{owner.badge}' }
        properties: { course_id: '{course}', enrolment_id: '{course}:{student}', price_minor: { minor_units: '{price}' } }
        attributes: { kind: '{kind}', active: true }
      - type: lms.course_completed
        when: { result: Pass }
        id: 'c:{course}:{student}'
        occurred_at: { days: 268, after: '{start}' }
        user_id: '{owner.login}'
        properties: { course_id: '{course}' }
`.replace('days: 268', "days: '268'");

const { mapping } = readMapping(YAML, 'map.yaml');
const people = new Map([
  [
    '7',
    new Map([
      ['login', 'ann'],
      ['badge', 'B7'],
    ]),
  ],
]);
const find: FindRow = (_, [person]) => people.get(String(person));

function map(columns: Readonly<Record<string, Scalar>>) {
  const [input] = mapping.inputs;
  if (input === undefined) throw new Error('the mapping has an input');
  const row = new Map(Object.entries({ student: '7', course: 'AAA', day: '-3', ...columns }));
  return mapRow(row, input, { mapping, find });
}

test('every rule whose condition holds makes an event', () => {
  expect(map({ result: 'Pass', price: '9.90', kind: 'paid', version: '2' })).toEqual({
    kind: 'events',
    events: [
      {
        event_id: 'e:AAA:7',
        event_type: 'lms.course_enrolled',
        source: 'academy',
        occurred_at: '2013-09-28T00:00:00.000Z',
        user_id: 'ann',
        source_version: 2,
        pii_class: 'personal',
        external_ids: { badge: 'B7' },
        properties: { course_id: 'AAA', enrolment_id: 'AAA:7', price_minor: 990 },
        attributes: { kind: 'paid', active: 'true' },
      },
      {
        event_id: 'c:AAA:7',
        event_type: 'lms.course_completed',
        source: 'academy',
        occurred_at: '2014-06-26T00:00:00.000Z',
        user_id: 'ann',
        pii_class: 'personal',
        properties: { course_id: 'AAA' },
      },
    ],
  });
});

test('absent values leave their fields out', () => {
  const outcome = map({});
  expect(outcome).toMatchObject({
    events: [
      { properties: { course_id: 'AAA', enrolment_id: 'AAA:7' }, attributes: { active: 'true' } },
    ],
  });
  expect(JSON.stringify(outcome)).not.toContain('price_minor');
});

test('a skip rule leaves the row out with its reason', () => {
  expect(map({ kind: 'draft' })).toEqual({ kind: 'skipped', reason: 'a draft of 7' });
});

test.each([
  [{ student: '8' }, 'people has no row for person "8"'],
  [{ day: 'x' }, 'enrolled_at: "x" is not a number'],
  [{ price: 'free' }, 'properties.price_minor: "free" is not an amount with 2 decimals'],
])('a bad row %j is refused as a whole, with the place', (columns, reason) => {
  expect(map(columns)).toEqual({
    kind: 'refused',
    reason: reason.replace('person "8"', 'student "8"'),
  });
});

test('an event has an id and a time, in whatever offset, or the row is refused', () => {
  const bare = readMapping(
    `version: 1
source: a
inputs:
  - file: a.csv
    events: [{ type: user.identified, id: '{id}', occurred_at: '{at}' }]`,
    'map.yaml',
  ).mapping;
  const [input] = bare.inputs;
  if (input === undefined) throw new Error('the mapping has an input');
  const outcome = (row: Readonly<Record<string, string>>) =>
    mapRow(new Map(Object.entries(row)), input, { mapping: bare, find: () => undefined });
  expect(outcome({ id: '1', at: '2013-10-01T02:00:00+02:00' })).toMatchObject({
    events: [{ occurred_at: '2013-10-01T00:00:00.000Z' }],
  });
  expect(outcome({ id: '1', at: 'soon' })).toEqual({
    kind: 'refused',
    reason: 'occurred_at: "soon" is not a date (format iso)',
  });
  expect(outcome({ at: '2013-10-01' })).toEqual({ kind: 'refused', reason: 'id: has no value' });
  expect(outcome({ id: '1' })).toEqual({ kind: 'refused', reason: 'occurred_at: has no value' });
});

test('an optional join leaves its columns absent', () => {
  const optional = readMapping(
    YAML.replace('as: owner', 'as: owner\n        optional: true'),
    'map.yaml',
  );
  const [input] = optional.mapping.inputs;
  if (input === undefined) throw new Error('the mapping has an input');
  const row = new Map(Object.entries({ student: '8', course: 'AAA', day: '0' }));
  const outcome = mapRow(row, input, { mapping: optional.mapping, find });
  expect(outcome.kind).toBe('events');
  expect(JSON.stringify(outcome)).not.toContain('user_id');
});
