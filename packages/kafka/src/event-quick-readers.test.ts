import { EVENT_TYPES, type EventType, Fault } from '@kpi/core';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';

import {
  checkEnvelope,
  checkProperties,
  parseEnvelope,
  parseProperties,
  propertyNames,
} from './event-properties.ts';
import { QUICK_READERS, readEnvelope } from './event-quick-readers.gen.ts';

/** Values at both sides of every limit that a format has. */
const EDGE_VALUES: readonly unknown[] = [
  undefined,
  null,
  '',
  'a',
  'EUR',
  'EURO',
  'eur',
  'x'.repeat(256),
  'x'.repeat(257),
  'x'.repeat(1_024),
  'x'.repeat(1_025),
  'tab\t',
  'del\u007f',
  'é\ud800',
  '2026-03-01T09:30:00.000Z',
  '2026-03-01T09:30:00Z',
  '2026-03-01T09:30:00.1Z',
  '2026-03-01T09:30:00.000z',
  '2026-03-01 09:30:00.000Z',
  '2026-03-01T09:30:00.000+02:00',
  '2026-03-01T24:00:00.000Z',
  '2026-03-01T23:59:60.000Z',
  '2026-02-29T00:00:00.000Z',
  '2028-02-29T00:00:00.000Z',
  '2026-04-31T00:00:00.000Z',
  '2026-00-10T00:00:00.000Z',
  '2026-13-10T00:00:00.000Z',
  '1969-12-31T23:59:59.999Z',
  '1970-01-01T00:00:00.000Z',
  '2299-12-31T23:59:59.999Z',
  '2300-01-01T00:00:00.000Z',
  '2026-03-01',
  '1.5',
  0,
  -0,
  1,
  -1,
  10,
  1.5,
  -1.5,
  2_147_483_647,
  2_147_483_648,
  -2_147_483_648,
  Number.MAX_SAFE_INTEGER,
  2 ** 53,
  true,
  false,
  [],
  ['a'],
  {},
  { a: 'b' },
  { '': 'b' },
  { a: 1 },
  { 'a\n': 'b' },
  Object.fromEntries(Array.from({ length: 64 }, (_, index) => [`k${index}`, 'v'])),
  Object.fromEntries(Array.from({ length: 65 }, (_, index) => [`k${index}`, 'v'])),
  JSON.parse('{"__proto__": "x"}'),
];
const WORDS = [
  'csat',
  'nps',
  'ces',
  'text',
  'higher_is_better',
  'marketing',
  'plan',
  'spam',
  'personal',
  'none',
];
const ENVELOPE_NAMES = [
  'event_id',
  'occurred_at',
  'account_id',
  'user_id',
  'source',
  'source_version',
  'retracts',
  'source_event_type',
  'anonymous_id',
  'pii_class',
  'external_ids',
  'attributes',
];

const drawnValue = fc.oneof(
  fc.constantFrom(...EDGE_VALUES),
  fc.constantFrom(...WORDS),
  fc.integer({ min: 0, max: 11 }),
  fc.date({ min: new Date(0), noInvalidDate: true }).map((date) => date.toISOString()),
);

function drawnFields(names: Iterable<string>): fc.Arbitrary<Readonly<Record<string, unknown>>> {
  return fc.record(Object.fromEntries([...names].map((name) => [name, drawnValue])), {
    requiredKeys: [],
  });
}

/** What can be told apart: the fields, or where and why they are refused. */
function told(answer: unknown): unknown {
  return answer instanceof Fault ? [answer.code, answer.path, answer.detail] : answer;
}

test('quick readers and validators answer alike, whatever the properties', () => {
  const drawn = fc
    .constantFrom(...EVENT_TYPES)
    .chain((type) => fc.tuple(fc.constant(type), drawnFields(propertyNames(type))));
  fc.assert(
    fc.property(drawn, ([type, fields]) => {
      expect(told(parseProperties(type, fields))).toEqual(told(checkProperties(type, fields)));
    }),
    { numRuns: 3_000 },
  );
});

test('quick reader and validator answer alike, whatever the envelope', () => {
  fc.assert(
    fc.property(drawnFields(ENVELOPE_NAMES), (fields) => {
      expect(told(parseEnvelope(fields))).toEqual(told(checkEnvelope(fields)));
    }),
    { numRuns: 1_000 },
  );
});

test.each(EDGE_VALUES)('each field alone answers alike: %j', (value) => {
  for (const type of EVENT_TYPES) {
    for (const name of propertyNames(type)) {
      const quick = QUICK_READERS[type]?.({ ...sound(type), [name]: value });
      const checked = checkProperties(type, { ...sound(type), [name]: value });
      if (quick !== undefined) expect(quick).toEqual(checked);
    }
  }
  for (const name of ENVELOPE_NAMES) {
    const fields = { ...SOUND_ENVELOPE, [name]: value };
    const quick = readEnvelope(fields);
    if (quick !== undefined) expect(quick).toEqual(checkEnvelope(fields));
  }
});

const SOUND_ENVELOPE = {
  event_id: 'e',
  source: 's',
  occurred_at: '2026-03-01T09:30:00.000Z',
  account_id: 'a',
};

/** A value of each name that its field takes, if a quick reader has it. */
const SOUND_VALUES: readonly unknown[] = [
  'a',
  'EUR',
  '2026-03-01T09:30:00.000Z',
  1,
  true,
  ...WORDS,
];

/** Properties that the validator of a type takes, found field by field. */
function sound(type: EventType): Readonly<Record<string, unknown>> {
  const known = SOUND.get(type);
  if (known !== undefined) return known;
  const fields: Record<string, unknown> = {};
  for (const name of propertyNames(type)) {
    fields[name] = SOUND_VALUES.find((value) => {
      const answer = checkProperties(type, { ...fields, [name]: value });
      return (
        !(answer instanceof Fault) ||
        !answer.detail.split('; ').some((one) => one.startsWith(`${name} `))
      );
    });
  }
  SOUND.set(type, fields);
  return fields;
}

const SOUND = new Map<EventType, Readonly<Record<string, unknown>>>();

test('plain events need no validator', () => {
  expect(readEnvelope(SOUND_ENVELOPE)).toEqual(checkEnvelope(SOUND_ENVELOPE));
  expect(readEnvelope(SOUND_ENVELOPE)).toBeDefined();
  const action = { action: 'open', is_value_event: true, feature: 'board' };
  expect(QUICK_READERS['product.action_performed']?.(action)).toBeDefined();
  const answer = {
    survey_id: 's',
    instance_id: 'i',
    question_id: 'q',
    kind: 'csat',
    score: 5,
    scale_min: 1,
    scale_max: 5,
    direction: 'higher_is_better',
  };
  expect(QUICK_READERS['survey.response_submitted']?.(answer)).toBeDefined();
  expect(QUICK_READERS['survey.response_submitted']?.({ ...answer, score: 6 })).toBeUndefined();
});
