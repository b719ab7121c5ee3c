import { days } from '@kpi/core';
import { expect, test } from 'vitest';

import { splitRatio } from './split.ts';
import { SCENARIO, START_MS, account } from './test-scenario.ts';

const asked = (...at: readonly number[]) =>
  at.map((day) => ({ at: START_MS + days(day), isOfIncident: false }));
const design = { ...SCENARIO, window: { from: START_MS, to: START_MS + days(20) } };

test('an account that changed its plan is in both groups', () => {
  const plans = [
    { from: START_MS, plan: 'free' },
    { from: START_MS + days(10), plan: 'pro' },
  ];
  const accounts = [
    account('moved', { plans, tickets: asked(1, 2, 11) }),
    account('pro', { tickets: asked(3) }),
  ];
  const found = splitRatio(accounts, design, { by: 'plan', values: ['pro', 'free'] });
  expect(found?.ratio).toBeCloseTo(2 / 30 / (2 / 10), 12);
  expect(found?.ci?.method).toBe('clustered');
});

test('a group without tickets has no ratio', () => {
  const found = splitRatio([account('a', { tickets: asked(1) }), account('b')], design, {
    by: 'plan',
    values: ['pro', 'free'],
  });
  expect(found).toBeUndefined();
});
