import { days } from '@kpi/core';
import { expect, test } from 'vitest';

import { matchedTime } from './matched.ts';
import { SCENARIO, START_MS, account } from './test-scenario.ts';

/** A window of 91 days: accounts are followed that were trained in its first week, 84 days before its end. */
const FROM = START_MS + days(200);
const DESIGN = { ...SCENARIO, window: { from: FROM, to: FROM + days(91) }, washoutMs: 0 };
const trained = (day: number) => ({
  completions: [{ at: FROM + days(day), user: 1, course: 'basics' }],
});
const whole = { from: START_MS, to: FROM + days(400) };

test('a trained account is held against those of its plan and tenure that are not trained until the time after ends', () => {
  const found = matchedTime(
    [
      account('treated', { active: [whole], ...trained(3) }),
      account('control', { active: [whole] }),
      account('trained in time after', { active: [whole], ...trained(60) }),
      account('trained later', { active: [whole], ...trained(3 + 84) }),
      account('other plan', { active: [whole], plans: [{ from: START_MS, plan: 'free' }] }),
      account('younger', { active: [{ from: FROM - days(10), to: whole.to }] }),
      account('gone', { active: [{ from: START_MS, to: FROM + days(2) }] }),
    ],
    DESIGN,
  );
  expect(found).toMatchObject({ treated: 1, treatedMatched: 1, controls: 2 });
  const others = found.rows.filter(({ isTreated }) => !isTreated);
  expect(new Set(others.map((row) => row.account))).toEqual(new Set(['control', 'trained later']));
});

test('times before and after are as long as there was active time', () => {
  const asked = (day: number) => ({ at: FROM + days(day), isOfIncident: false });
  const found = matchedTime(
    [
      account('treated', {
        active: [{ from: FROM - days(60), to: FROM + days(43) }],
        tickets: [asked(-70), asked(-50), asked(10), asked(42), asked(50)],
        ...trained(3),
      }),
      account('control', { active: [{ from: FROM - days(60), to: whole.to }] }),
    ],
    DESIGN,
  );
  const [before, after] = found.rows.filter(({ isTreated }) => isTreated);
  expect(before).toMatchObject({ isAfter: false, events: 1, time: 63 });
  expect(after).toMatchObject({ isAfter: true, events: 2, time: 40 });
});

test('who was trained too late to be followed, or without anybody alike, is told apart', () => {
  const found = matchedTime(
    [
      account('alone', { active: [whole], ...trained(3) }),
      account('too late', { active: [whole], ...trained(8) }),
      account('too early', { active: [whole], ...trained(-85) }),
    ],
    DESIGN,
  );
  expect(found).toMatchObject({ treated: 1, treatedMatched: 0, controls: 0, rows: [] });
});

test('the time before training that is washed out is in neither', () => {
  const found = matchedTime(
    [
      account('treated', { active: [whole], ...trained(3) }),
      account('control', { active: [whole] }),
    ],
    { ...DESIGN, washoutMs: days(28) },
  );
  expect(found.rows.map(({ time }) => time)).toEqual([84, 84, 84, 84]);
});

test('only who was on the plan, and as old, when it was trained is followed', () => {
  const accounts = [
    account('treated', { active: [whole], ...trained(3) }),
    account('moved later', {
      active: [whole],
      plans: [
        { from: START_MS, plan: 'pro' },
        { from: FROM + days(4), plan: 'free' },
      ],
      ...trained(3),
    }),
    account('other plan', {
      active: [whole],
      plans: [{ from: START_MS, plan: 'free' }],
      ...trained(3),
    }),
    account('younger', { active: [{ from: FROM - days(10), to: whole.to }], ...trained(3) }),
    account('control', { active: [whole] }),
  ];
  const followed = (filter: typeof DESIGN.filter): number =>
    matchedTime(accounts, { ...DESIGN, filter }).treated;
  expect(followed({})).toBe(4);
  expect(followed({ plan: ['pro'] })).toBe(3);
  expect(followed({ plan: ['pro'], tenure: ['0-28'] })).toBe(1);
  expect(followed({ plan: ['team'] })).toBe(0);
});

test('with a lag the time after still ends within the window', () => {
  const accounts = [
    account('treated', { active: [whole], ...trained(3) }),
    account('control', { active: [whole] }),
  ];
  expect(matchedTime(accounts, { ...DESIGN, lagMs: days(3) })).toMatchObject({ treated: 1 });
  expect(matchedTime(accounts, { ...DESIGN, lagMs: days(4) })).toMatchObject({ treated: 0 });
});
