import { expect, test } from 'vitest';

import { MARGIN_SCALE, MarginTable } from './margins.ts';

test('a margin is in force from its instant on, until the next', () => {
  const margins = new MarginTable();
  margins.set(20, '0.5');
  margins.set(10, '1');
  expect([9, 10, 19, 20].map((at) => margins.at(at))).toEqual([
    undefined,
    MARGIN_SCALE,
    MARGIN_SCALE,
    MARGIN_SCALE / 2n,
  ]);
});

test('a sale may cost more than it brings', () => {
  const margins = new MarginTable();
  margins.set(10, '-0.25');
  margins.set(20, '-1');
  expect([margins.at(10), margins.at(20)]).toEqual([-MARGIN_SCALE / 4n, -MARGIN_SCALE]);
});

test('a margin outside -1 and 1 or that is no decimal withdraws what was said of its instant', () => {
  const margins = new MarginTable();
  for (const text of ['1.1', 'half', '-1.1', '--0.1', '-', undefined]) {
    margins.set(10, '0.5');
    margins.set(10, text);
    expect(margins.at(10), text).toBeUndefined();
  }
});
