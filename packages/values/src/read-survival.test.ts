import { type Components, DAY_MS, days } from '@kpi/core';
import { expect, test } from 'vitest';

import { readSurvival } from './read-survival.ts';

/** Components of a curve: counts by days. */
function curve(
  events: Readonly<Record<number, number>>,
  lost: Readonly<Record<number, number>>,
): Components {
  const named = (kind: string, counts: Readonly<Record<number, number>>) =>
    Object.entries(counts).map(([day, count]) => [
      `${kind}@${Number(day) * DAY_MS}`,
      BigInt(count),
    ]);
  return Object.fromEntries([...named('event', events), ...named('lost', lost)]);
}

/** KPI_SPEC 2.11. */
const FIRST_VALUE = curve({ 1: 1, 2: 2, 5: 1 }, { 3: 1, 4: 1 });

test('the median is the first time by which half is there, in days', () => {
  const read = readSurvival('median', FIRST_VALUE);
  expect(read).toMatchObject({ value: 2, findings: [] });
  expect(read.ci).toMatchObject({ low: 1, high: null, method: 'kaplan_meier' });
});

test('a share includes its last moment and has the band of the curve', () => {
  const before = readSurvival(days(2) - 1, FIRST_VALUE);
  const at = readSurvival(days(2), FIRST_VALUE);
  expect(before.value).toBeCloseTo(1 / 6, 12);
  expect(at.value).toBe(0.5);
  expect(at.ci?.low).toBeGreaterThan(0);
  expect(at.ci?.low).toBeLessThan(0.5);
  expect(at.ci?.high).toBeGreaterThan(0.5);
});

test('everybody there is everybody there for good', () => {
  expect(readSurvival(days(28), FIRST_VALUE).value).toBe(1);
});

test('a half that is not reached has no value, and says how long was followed', () => {
  const read = readSurvival('median', curve({ 3: 1 }, { 4: 1, 5: 1 }));
  expect(read.value).toBeNull();
  expect(read.findings).toEqual([
    { status: 'immature', note: 'half takes longer than the 5.0 days that were followed' },
  ]);
});

test('beyond the longest follow-up a share has no value; before the first event it is 0', () => {
  const waiting = curve({ 3: 1 }, { 10: 4 });
  expect(readSurvival(days(14), waiting)).toMatchObject({
    value: null,
    ci: null,
    findings: [{ status: 'immature' }],
  });
  expect(readSurvival(days(2), waiting)).toMatchObject({ value: 0, ci: null });
});
