import { describe, expect, test } from 'vitest';

import { readMapping } from '../mapping/read-mapping.ts';
import {
  type Edit,
  type FieldEdit,
  editFields,
  mapLetter,
  parseSet,
  parseUnset,
  replaceBy,
} from './edit.ts';
import type { WholeLetter } from './letter-client.ts';

const EVENT = { event_id: 'e1', properties: { stars: '4', course: { id: 'c1' } } };

function letter(fields: Partial<WholeLetter> = {}): WholeLetter {
  return {
    id: 'l1',
    reason: 'event_invalid',
    path: null,
    origin: { kind: 'http' },
    source: null,
    event_type: null,
    refused_at: '2026-01-01T00:00:00.000Z',
    attempts: 0,
    last_attempt_at: null,
    message: '',
    event_id: null,
    tenant_id: null,
    content_type: 'application/json',
    body: '',
    text: JSON.stringify(EVENT),
    hint: '',
    ...fields,
  };
}

function set(...texts: readonly string[]): Edit {
  return editFields(texts.map((text): FieldEdit => parseSet(text) ?? parseUnset(text)));
}

describe('fields', () => {
  test('are set as JSON or as text, at any depth, and left out', async () => {
    const edit = set(
      'properties.score=5',
      'user_id=ann',
      'properties.note=a=b',
      'properties.stars',
    );
    expect(await edit(letter())).toEqual([
      {
        event_id: 'e1',
        user_id: 'ann',
        properties: { score: 5, note: 'a=b', course: { id: 'c1' } },
      },
    ]);
    expect(await set('properties.course.id=c2', 'retracts=null')(letter())).toEqual([
      { event_id: 'e1', retracts: null, properties: { stars: '4', course: { id: 'c2' } } },
    ]);
    expect(await set('a.b=true')(letter({ text: '{"a":1}' }))).toEqual([{ a: { b: true } }]);
  });

  test.each([
    ['text that is no JSON', { text: '{' }],
    ['a list', { text: '[1]' }],
    ['bytes', { text: null, content_type: 'application/vnd.kpi.avro' }],
    [
      'a CloudEvent, whose fields have other names',
      { content_type: 'application/cloudevents+json' },
    ],
  ])('of %s cannot be set', async (_name, fields) => {
    await expect(set('a=1')(letter(fields))).rejects.toMatchObject({ code: 'event_invalid' });
  });
});

test('an event stands for whatever the letter holds', async () => {
  expect(await replaceBy([EVENT])(letter({ text: null }))).toEqual([EVENT]);
});

describe('a mapping', () => {
  const mapping = (input: string) =>
    readMapping(
      `version: 1\nsource: survey\ninputs:\n  - file: any.ndjson\n${input}`,
      'fixed.yaml',
    );
  const RULE = `    events:
      - type: survey.response_submitted
        when: { properties.stars: { present: true } }
        id: '{event_id}'
        occurred_at: '2026-01-01'
        properties: { score: { number: '{properties.stars}' } }`;

  test('reads the event as a row', async () => {
    expect(await mapLetter(mapping(RULE))(letter())).toEqual([
      {
        event_id: 'e1',
        event_type: 'survey.response_submitted',
        source: 'survey',
        occurred_at: '2026-01-01T00:00:00.000Z',
        properties: { score: 4 },
      },
    ]);
  });

  test('that cannot use the event says why', async () => {
    const edit = mapLetter(mapping(RULE));
    const none = letter({ text: '{"event_id":"e2"}' });
    await expect(edit(none)).rejects.toThrow('no rule of the mapping fits it');
    const many = letter({ text: '{"event_id":"e2","properties":{"stars":"many"}}' });
    await expect(edit(many)).rejects.toThrow('properties.score');
  });

  test('with several inputs is not for letters', () => {
    const two = `${RULE}\n  - file: other.ndjson\n${RULE}`;
    expect(() => mapLetter(mapping(two))).toThrow('one input and no lookups');
  });
});
