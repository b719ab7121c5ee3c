import { describe, expect, test } from 'vitest';

import { HEIGHT, WIDTH, plotOf } from './plot.ts';

function point(value: number | null, reach?: { readonly low: number; readonly high: number }) {
  return { value, ci: reach === undefined ? null : { level: 0.95, method: 'wilson', ...reach } };
}

describe('a trend', () => {
  test('needs two values', () => {
    expect(plotOf([])).toBeUndefined();
    expect(plotOf([point(1), point(null)])).toBeUndefined();
  });

  test('is interrupted where there is no value', () => {
    const plot = plotOf([point(1), point(2), point(null), point(3)]);
    expect(plot?.line.match(/M/g)).toHaveLength(2);
    expect(plot?.line.match(/L/g)).toHaveLength(1);
  });

  test('stays in its box, also where an interval leaves it and where nothing changes', () => {
    const wide = { low: -50, high: 90 };
    for (const points of [
      [point(1, wide), point(2, wide)],
      [point(5), point(5)],
      [point(0), point(0)],
    ]) {
      const plot = plotOf(points);
      const numbers = `${plot?.line}${plot?.band}`.match(/-?[\d.]+ -?[\d.]+/g) ?? [];
      expect(numbers.length).toBeGreaterThan(0);
      for (const pair of numbers) {
        const [x = Number.NaN, y = Number.NaN] = pair.split(' ').map(Number);
        expect(x >= 0 && x <= WIDTH && y >= 0 && y <= HEIGHT).toBe(true);
      }
    }
  });

  test('has a band only where intervals are neighbours', () => {
    const reach = { low: 1, high: 2 };
    const plot = plotOf([point(1, reach), point(2), point(1, reach), point(2, reach)]);
    expect(plot?.band.match(/M/g)).toHaveLength(1);
  });
});
