import { expect, test } from 'vitest';

import { findKeyProblems } from './redis-keys.ts';
import { isTest, readFiles } from './repository.ts';

const STORE = 'packages/redis/src/planted.ts';

test('every key is built in one function, with a hash tag where there are several of a kind', () => {
  const sources = ['packages/*/src/**/*.ts', 'services/*/src/**/*.ts', 'packages/*/lua/**/*.lua']
    .flatMap(readFiles)
    .filter((file) => !isTest(file));
  expect(sources.some(({ text }) => text.includes('${prefix}:{p${partition}}'))).toBe(true);
  expect(sources.flatMap(findKeyProblems)).toEqual([]);
});

test.each([
  ['services/api/src/planted.ts', 'const key = `${prefix}:{values}:one`;', /outside/],
  [STORE, 'const a = `${prefix}:{a}`; const b = `${options.prefix}:{b}`;', /in 2 places/],
  [STORE, 'const key = `${config.KPI_REDIS_PREFIX}:home:${account}`;', /without a hash tag/],
  ['packages/redis/lua/planted.lua', "redis.call('GET', KEYS[1] .. ':more')", /builds a key/],
])('a planted violation is found in %s', (path, text, problem) => {
  expect(findKeyProblems({ path, text })).toEqual([expect.stringMatching(problem)]);
});
