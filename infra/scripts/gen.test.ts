import { execFile } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { afterEach, beforeEach, describe, expect, test } from 'vitest';

import { addFingerprints } from './gen/fingerprints.ts';
import { readVocabulary } from './gen/vocabulary.ts';

const SCHEMAS = join(import.meta.dirname, '../../schemas');
const COMPLETED = 'lms/course-completed/1.avsc';

let copy: string;

beforeEach(() => {
  copy = mkdtempSync(join(tmpdir(), 'schemas-'));
  cpSync(SCHEMAS, copy, { recursive: true });
});

afterEach(() => rmSync(copy, { recursive: true }));

/** Change the copy's completion schema; `from` and `to` are JSON without blanks. */
function edit(from: string, to: string): void {
  const path = join(copy, COMPLETED);
  const text = JSON.stringify(JSON.parse(readFileSync(path, 'utf8')));
  const edited = text.replace(from, to);
  expect(edited).not.toBe(text);
  writeFileSync(path, edited);
}

function published(): string {
  return readFileSync(join(SCHEMAS, 'fingerprints.json'), 'utf8');
}

describe('the generated files', () => {
  test('are those of the schemas', async () => {
    const script = join(import.meta.dirname, 'gen.ts');
    await promisify(execFile)(process.execPath, [script, '--check']);
  });
});

describe('a schema', () => {
  test('that is published cannot be edited', () => {
    edit('"type":"boolean","default":false', '"type":"boolean","default":true');
    expect(() => addFingerprints(published(), readVocabulary(copy))).toThrow(COMPLETED);
  });

  test('that is published cannot be removed', () => {
    rmSync(join(copy, 'lms/course-completed'), { recursive: true });
    expect(() => addFingerprints(published(), readVocabulary(copy))).toThrow(COMPLETED);
  });

  test('may get a next version', () => {
    const next = readFileSync(join(copy, COMPLETED), 'utf8');
    writeFileSync(join(copy, 'lms/course-completed/2.avsc'), next);
    const prints = addFingerprints(published(), readVocabulary(copy));
    expect(prints).toContain('lms/course-completed/2.avsc');
  });

  test.each([
    [
      'another envelope',
      '"source_version","type":"long"',
      '"source_version","type":"int"',
      'source_version',
    ],
    [
      'the name of another event',
      '"name":"course_completed"',
      '"name":"completed"',
      'kpi.lms.completed',
    ],
    ['a field without a sentence', ',"doc":"The course."', '', 'doc'],
    [
      'a text without a format',
      ',"format":"id","doc":"The course."',
      ',"doc":"The course."',
      'format',
    ],
    [
      'an optional field without default',
      '["null","boolean"],"default":null',
      '["null","boolean"]',
      'optional',
    ],
    ['an unknown subject', '"subject":"account_or_user"', '"subject":"anybody"', 'subject'],
    [
      'a type that events do not use',
      '"name":"manual","type":"boolean"',
      '"name":"manual","type":"bytes"',
      'bytes',
    ],
  ])('with %s is refused', (_, from, to, reason) => {
    edit(from, to);
    expect(() => readVocabulary(copy)).toThrow(reason);
  });
});
