import { expect, test } from 'vitest';

import { findHeaderProblems } from './lua-header.ts';
import { readFiles } from './repository.ts';

const GOOD = `--[[ Count, once.
  KEYS[1] counts  hash    name -> integer
  ARGV[1] next    string  name
  ARGV[2] first   string  the first of the others
  Returns the count. ]]
local counts = KEYS[1]
local nextName = ARGV[1]
local first = 2
return redis.call('HINCRBY', counts, nextName, 1)
`;

const problems = (text: string) => findHeaderProblems({ path: 'x.lua', text });

test('every script says what it needs and what it answers', () => {
  const scripts = readFiles('packages/*/lua/**/*.lua');
  expect(scripts.length).toBeGreaterThan(0);
  expect(scripts.flatMap(findHeaderProblems)).toEqual([]);
});

test('a good header passes', () => {
  expect(problems(GOOD)).toEqual([]);
});

test.each([
  ['without a header', GOOD.replace('--[[ Count', '-- Count'), 'has no header'],
  ['without its answer', GOOD.replace('Returns', 'Gives'), 'does not say what it returns'],
  ['that uses one key more', GOOD.replace('1)\n', '1, KEYS[2])\n'), 'uses KEYS[2]'],
  ['that names an argument too many', GOOD.replace('local first = 2\n', ''), 'names ARGV[2]'],
  ['that swaps names', GOOD.replace('local counts', 'local names'), 'calls KEYS[1] names'],
])('a script %s is found', (_, text, problem) => {
  expect(problems(text)).toEqual([expect.stringContaining(problem)]);
});
