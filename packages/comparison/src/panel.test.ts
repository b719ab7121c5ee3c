import { days } from '@kpi/core';
import { expect, test } from 'vitest';

import { panelOf } from './panel.ts';
import { SCENARIO, START_MS, account } from './test-scenario.ts';

/** Two periods, and four before them: the panel begins on day 88. */
const FROM = START_MS + days(200);
const DESIGN = { ...SCENARIO, window: { from: FROM, to: FROM + days(56) } };
const PANEL = FROM - 4 * days(28);

test('periods are counted back from the end, with the tickets and the time of each', () => {
  const [first, second, ...rest] = panelOf(
    [
      account('a', {
        active: [{ from: PANEL + days(14), to: PANEL + days(56) }],
        tickets: [days(13), days(14), days(27), days(28)].map((after) => ({
          at: PANEL + after,
          isOfIncident: false,
        })),
      }),
    ],
    DESIGN,
  );
  expect(first).toMatchObject({ period: 0, events: 2, time: 14, cohort: null });
  expect(second).toMatchObject({ period: 1, events: 1, time: 28 });
  expect(rest).toEqual([]);
});

test('an account belongs to the period of its training; who was trained before all of it says nothing', () => {
  const trained = (at: number) => ({
    active: [{ from: START_MS, to: FROM + days(100) }],
    completions: [{ at, user: 1, course: 'basics' }],
  });
  const rows = panelOf(
    [account('third', trained(PANEL + days(28) * 3)), account('before', trained(PANEL - 1))],
    DESIGN,
  );
  expect(new Set(rows.map((row) => row.account))).toEqual(new Set(['third']));
  expect(new Set(rows.map(({ cohort }) => cohort))).toEqual(new Set([3]));
  expect(rows).toHaveLength(6);
});

test('alike are accounts that began on the same plan in the same period, or were as old when it began', () => {
  const stratumOf = (from: number, plan = 'pro') =>
    panelOf([account('a', { active: [{ from, to: FROM }], plans: [{ from, plan }] })], DESIGN)[0]
      ?.stratum;
  expect(stratumOf(PANEL + days(1))).toBe(stratumOf(PANEL + days(27)));
  expect(stratumOf(PANEL + days(27))).not.toBe(stratumOf(PANEL + days(28)));
  expect(stratumOf(PANEL + days(1))).not.toBe(stratumOf(PANEL + days(1), 'free'));
  expect(stratumOf(PANEL - days(30))).toBe(stratumOf(PANEL - days(80)));
  expect(stratumOf(PANEL - days(30))).not.toBe(stratumOf(PANEL - days(10)));
});
