import { expect, test } from 'vitest';

import { plainNotes } from './notes.ts';
import { SHARE } from './test-value.ts';

const NOW = Date.parse('2026-01-08T02:00:00.000Z');

test('the notes of the API become sentences', () => {
  const notes = [
    'suspect: 1200 left out: unresolved_account',
    'stale: nothing from lms since 2026-01-08T00:00:00.000Z',
    'low_n: 12 units, fewer than 30',
  ];
  const plain = plainNotes({ ...SHARE, status: 'suspect', notes, immature_n: 3 }, NOW);
  expect(plain).toHaveLength(4);
  expect(plain[0]).toBe('1,200 are left out: their account is not known.');
  expect(plain[1]).toContain('Nothing has come from lms for 2\u202Fh');
  expect(plain[2]).toBe('Only 12 units are behind this value: below 30 it may jump.');
  expect(plain[3]).toContain('3 more are too young');
});

test('a note that nobody foresaw is told as it is', () => {
  expect(plainNotes({ ...SHARE, notes: ['approximate: from a sketch'] }, NOW)).toEqual([
    'From a sketch.',
  ]);
});
