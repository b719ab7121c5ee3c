import { expect, test } from 'vitest';

import { ENTRY } from './test-value.ts';
import { allDimensions, allWindows, effectiveWindow } from './windows.ts';

const HOURLY = {
  ...ENTRY,
  windows: [{ window: '24h', resolution: '5m' }],
  dimensions: ['tenure', 'plan'],
};

test('the page offers what any KPI has: windows by length, dimensions by how many have them', () => {
  expect(allWindows([ENTRY, HOURLY])).toEqual(['24h', '7d', '28d']);
  expect(allDimensions([ENTRY, HOURLY])).toEqual(['plan', 'tenure']);
});

test('a window that only history answers is not offered', () => {
  const recorded = {
    ...ENTRY,
    served_from: 'history',
    windows: [{ window: '364d', resolution: '1h' }],
  } as const;
  expect(allWindows([ENTRY, recorded])).toEqual(['7d', '28d']);
  expect(effectiveWindow(recorded, '364d')).toBe('364d');
});

test('a KPI that has not the chosen window is shown for its own', () => {
  expect(effectiveWindow(ENTRY, '7d')).toBe('7d');
  expect(effectiveWindow(ENTRY, '24h')).toBe('28d');
  expect(effectiveWindow(ENTRY, '')).toBe('28d');
});
