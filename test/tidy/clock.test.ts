import { expect, test } from 'vitest';

import { findHiddenClocks } from './clock.ts';
import { readFiles } from './repository.ts';

test('only the clock of the runtime asks the machine for the time', () => {
  const files = readFiles('{packages,services,infra}/**/*.{ts,mjs}');
  expect(files.length).toBeGreaterThan(100);
  expect(findHiddenClocks(files)).toEqual([]);
});

test.each(['const t = Date.now();', 'new Date().toISOString()', 'f(new Date( ))'])(
  '%s is found',
  (text) => {
    const path = 'services/x/src/y.ts';
    expect(findHiddenClocks([{ path, text }])).toEqual([path]);
  },
);

test('a time that is given is no clock', () => {
  const text = '// not Date.now()\nnew Date(ms)';
  expect(findHiddenClocks([{ path: 'services/x/src/y.ts', text }])).toEqual([]);
});
