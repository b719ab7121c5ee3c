import { expect } from 'vitest';

import { type ChaosReport } from './chaos.ts';

/** Nothing was lost and nothing counted twice; else the test says what, and with which seed. */
export function expectClean(report: ChaosReport): void {
  const seed = `seed ${report.seed}`;
  expect(report.history.disagreements, seed).toEqual([]);
  expect(report.log.disagreements, seed).toEqual([]);
  expect(report.rows, seed).toBe(report.records);
  expect(report.distinctRows, seed).toBe(report.distinctEvents);
  expect(report.isClean, seed).toBe(true);
}
