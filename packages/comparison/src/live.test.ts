import { days } from '@kpi/core';
import { expect, test } from 'vitest';

import { addLive } from './live.ts';
import { compareTickets } from './report.ts';
import { SCENARIO, account, scenario } from './test-scenario.ts';

const GROWING = { ...SCENARIO, areLooksRepeated: true };
const OLD = ['182-364', 'pro'];

test('nothing new changes nothing', () => {
  const report = compareTickets(scenario(0.7), GROWING);
  const same = addLive(report, [], GROWING);
  expect(same.stratified?.ratio).toBeCloseTo(0.7, 12);
  expect(same.groups).toEqual(report.groups);
  expect(same.summary).toBe(report.summary);
});

test('what has come since moves counts, rates and the ratio as if history had told it', () => {
  const border = SCENARIO.window.to - days(1);
  const until = { ...GROWING, window: { ...GROWING.window, to: border } };
  const late = account('late', {
    tickets: [
      { at: border - days(2), isOfIncident: false },
      { at: border + 1, isOfIncident: false },
    ],
  });
  const accounts = [...scenario(0.7), late];
  const live = [
    { parts: OLD, isTrained: true, tickets: 0, exposureMs: 400 * days(1) },
    { parts: OLD, isTrained: false, tickets: 1, exposureMs: 101 * days(1) },
  ];
  const grown = addLive(compareTickets(accounts, until), live, GROWING);
  const whole = compareTickets(accounts, GROWING);
  expect(grown.groups).toEqual(whole.groups);
  expect(grown.strata).toEqual(whole.strata);
  expect(grown.stratified?.ratio).toBeCloseTo(whole.stratified?.ratio ?? 0, 12);
  expect(grown.stratified?.ci?.method).toBe('always_valid_clustered');
});

test('a stratum that history did not know is one more', () => {
  const report = compareTickets(scenario(0.7), GROWING);
  const live = [{ parts: ['0-28', 'team'], isTrained: false, tickets: 2, exposureMs: days(3) }];
  const grown = addLive(report, live, GROWING);
  expect(grown.strata.at(1)).toMatchObject({
    stratum: '0-28 · team',
    untrained: { tickets: 2, account_days: 3 },
    is_used: false,
  });
});
