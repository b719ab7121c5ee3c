import * as fc from 'fast-check';
import { expect, test } from 'vitest';

import { createRandom, hash32 } from './random.ts';

const DRAWS = 20_000;

function drawMany<Value>(draw: () => Value): readonly Value[] {
  return Array.from({ length: DRAWS }, draw);
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

test('the hash is FNV-1a', () => {
  expect(hash32('')).toBe(0x811c9dc5);
  expect(hash32('a')).toBe(0xe40c292c);
  expect(hash32('foobar')).toBe(0xbf9cf968);
});

test('the same path draws the same numbers, in [0, 1)', () => {
  fc.assert(
    fc.property(fc.array(fc.string(), { minLength: 1, maxLength: 4 }), (path) => {
      const [one, other] = [createRandom(...path), createRandom(...path)];
      for (let draw = 0; draw < 50; draw += 1) {
        const value = one.unit();
        expect(value).toBe(other.unit());
        expect(value >= 0 && value < 1).toBe(true);
      }
    }),
  );
});

test('streams of neighbouring paths are not alike', () => {
  const [one, other] = [createRandom('seed', 1), createRandom('seed', 2)];
  const products = drawMany(() => (one.unit() - 0.5) * (other.unit() - 0.5));
  expect(Math.abs(mean(products))).toBeLessThan(4 / 12 / Math.sqrt(DRAWS));
});

test('draws have the mean they promise', () => {
  const random = createRandom('means');
  expect(mean(drawMany(() => random.unit()))).toBeCloseTo(0.5, 1);
  expect(mean(drawMany(() => random.exponential(3)))).toBeCloseTo(3, 0);
  expect(mean(drawMany(() => random.integer(2, 4)))).toBeCloseTo(3, 1);
  expect(mean(drawMany(() => Number(random.chance(0.2))))).toBeCloseTo(0.2, 1);
});

test('weights decide how often an item is picked', () => {
  const random = createRandom('weights');
  const picks = drawMany(() => random.pick(['never', 'rarely', 'often'], [0, 1, 9]));
  expect(picks).not.toContain('never');
  expect(picks.filter((pick) => pick === 'often').length / DRAWS).toBeCloseTo(0.9, 1);
});

test('nothing can be picked from an empty list', () => {
  expect(() => createRandom('empty').pick([])).toThrow(RangeError);
});
