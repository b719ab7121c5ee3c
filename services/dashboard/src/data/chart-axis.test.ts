import { expect, test } from 'vitest';

import { type Extent, ratioAxis, zeroAxis } from './chart-axis.ts';

const at = (value: number, low: number | null = null, high: number | null = null): Extent => ({
  value,
  low,
  high,
});

test('equal changes up and down are equally far from 1', () => {
  const { place } = ratioAxis([at(0.7, 0.6, 0.82), at(2.4)]);
  expect(place(1) - place(0.5)).toBeCloseTo(place(2) - place(1), 9);
});

test('an axis of ratios has 1 on it, and is not so narrow that a small effect looks large', () => {
  const { low, high, ticks } = ratioAxis([at(0.98, 0.97, 0.99)]);
  expect([low, high]).toEqual([0.5, 2]);
  expect(ticks).toEqual([0.5, 0.7, 1, 1.5, 2]);
});

test('many decades, and narrow pictures, have fewer ticks', () => {
  expect(ratioAxis([at(0.01), at(100)]).ticks).toEqual([0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30, 100]);
  expect(ratioAxis([at(0.05), at(2.8)], 17).ticks).toEqual([0.1, 0.3, 1]);
  expect(ratioAxis([at(0.21), at(2.8)]).ticks).toEqual([0.3, 0.5, 0.7, 1, 1.5, 2]);
});

test('a long interval is cut, so that the others can be read', () => {
  const { low, high, place } = ratioAxis([at(0.7, 0.001, 900)]);
  expect(low).toBeCloseTo(0.5 / 3, 9);
  expect(high).toBeCloseTo(6, 9);
  expect(place(900)).toBe(place(high));
  expect(place(0)).toBe(place(low));
});

test('without a ratio there is an axis all the same', () => {
  expect(ratioAxis([{ value: null, low: null, high: null }]).ticks).toContain(1);
});

test('rates begin at 0', () => {
  const { low, high, ticks } = zeroAxis([at(5.2, 4.9, 5.5), at(9.4, 9.1, 9.8)]);
  expect([low, high]).toEqual([0, 9.8]);
  expect(ticks).toEqual([0, 2, 4, 6, 8]);
});

test('changes have 0 between them', () => {
  const { low, high, ticks } = zeroAxis([at(-2, -3, -1), at(0.3, -0.2, 0.8)]);
  expect([low, high]).toEqual([-3, 0.8]);
  expect(ticks).toEqual([-3, -2, -1, 0]);
});

test('changes that are all 0, and no changes, are drawn too', () => {
  for (const axis of [zeroAxis([]), zeroAxis([at(0)]), zeroAxis([at(0, 0, 0)])]) {
    expect(axis.high).toBeGreaterThan(axis.low);
    expect(axis.ticks).toContain(0);
  }
});
