import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

import { expect, test } from 'vitest';

import { readMapping } from '../mapping/read-mapping.ts';
import { resolveFiles } from './files.ts';
import { planMapping } from './plan.ts';
import { rehearse } from './rehearse.ts';
import { openRejects } from './rejects.ts';

const MAPPING = fileURLToPath(new URL('../../mappings/oulad.yaml', import.meta.url));
const SAMPLE = fileURLToPath(new URL('../../fixtures/oulad', import.meta.url));

async function rehearseSample(paths: readonly string[]) {
  const files = await resolveFiles(paths, (async function* () {})());
  const inputs = await planMapping(
    readMapping(await readFile(MAPPING, 'utf8'), 'oulad.yaml'),
    files,
  );
  const rejects = await openRejects(undefined, false);
  const { signal } = new AbortController();
  return rehearse(inputs, { rowsMax: undefined, rejects, signal });
}

test('the sample of OULAD gives the events that its rows describe, and ingest would take all of them', async () => {
  const { tally } = await rehearseSample([SAMPLE]);
  expect(tally).toMatchObject({
    eventsByType: {
      'lms.course_enrolled': 24,
      'lms.course_unenrolled': 6,
      'lms.course_completed': 12,
      'lms.assessment_submitted': 77,
    },
    skipReasons: { 'the assessment has no score': 4 },
    refusedRows: 0,
    refusedEvents: 0,
    idleRows: 12,
  });
});

test('days count from 1 October, before it too', async () => {
  const { examples } = await rehearseSample([SAMPLE]);
  const first = (type: string) => examples.find((event) => event['event_type'] === type);
  expect(first('lms.course_enrolled')).toEqual({
    event_id: 'enrolled:BBB-2013J:30091',
    event_type: 'lms.course_enrolled',
    source: 'oulad',
    occurred_at: '2013-05-09T00:00:00.000Z',
    user_id: '30091',
    pii_class: 'pseudonymous',
    properties: { course_id: 'BBB-2013J', enrolment_id: 'BBB-2013J:30091' },
  });
  expect(first('lms.course_completed')).toMatchObject({
    occurred_at: '2014-06-26T00:00:00.000Z',
    attributes: { final_result: 'Pass' },
  });
});

test.each([
  [['studentInfo.csv'], 'no file fits courses.csv (given: studentInfo.csv)'],
  [['.', 'README.md'], 'the mapping does not mention'],
])('the files %j are not what the mapping needs', async (names, message) => {
  const paths = names.map((name) => `${SAMPLE}/${name}`);
  await expect(rehearseSample(paths)).rejects.toThrow(message);
});
