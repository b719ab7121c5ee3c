import { expect, test } from 'vitest';

import { portionsOf } from './batch-plan.ts';

test.each([0, 1, 256, 257, 1_000])(
  'the portions of %i homes are all of them, in order',
  (count) => {
    const keys = Array.from({ length: count }, (_, index) => `home-${index}`);
    const portions = [...portionsOf(new Map(keys.map((key) => [key, []])))];
    expect(portions.flat()).toEqual(keys);
    expect(portions.every(({ length }) => length > 0 && length <= 256)).toBe(true);
  },
);
