import { DEFAULT_DEFINITIONS, type OwnFormula, type OwnKpi, days } from '@kpi/core';
import { expect, test } from 'vitest';

import {
  accountCreated,
  answered,
  completed,
  enrolled,
  invoicePaid,
  ratePublished,
  subscribed,
} from './test-events.ts';
import { type TestHistory, testHistoryOfFile } from './test-history.ts';

const it = testHistoryOfFile();

const MS = 1 / days(1);

type Asked = Omit<Parameters<TestHistory['read']>[0], 'kpiId' | 'definitions'>;

/** Components of a declaration, with three dimensions. */
async function read(formula: OwnFormula, asked: Asked, options = {}) {
  const own: OwnKpi = {
    ...formula,
    id: 'mine',
    version: 1,
    title: 'Mine',
    description: '',
    unit: 'number',
    dimensions: [
      { name: 'plan', field: 'account.plan' },
      { name: 'course', field: 'course_id' },
      { name: 'region', field: 'attributes.region' },
    ],
    windows: [days(28)],
  };
  const definitions = { ...DEFAULT_DEFINITIONS, ownKpis: [own] };
  return it.read({ kpiId: 'mine', definitions, ...asked }, options);
}

const COMPLETIONS = { event: 'lms.course_completed', where: [] } as const;
const INVOICES = { event: 'billing.invoice_paid', where: [] } as const;

test('a count is of events in the half-open window, those left out that a filter or an internal account rules out', async () => {
  const who = { user_id: 'u', course_id: 'basics', account_id: 'a' };
  await it.insert(
    completed(1, who),
    completed(2, { ...who, success: false }),
    completed(29, who),
    completed(20, { ...who, account_id: 'ours' }),
    completed(21, { ...who, account_id: null }),
    accountCreated(0, { account_id: 'ours', is_internal: true }),
  );
  const passed: OwnFormula = {
    type: 'count',
    events: { ...COMPLETIONS, where: [{ field: 'success', is: 'not_in', values: [false] }] },
  };
  expect(await read({ type: 'count', events: COMPLETIONS }, { asOf: 29 })).toEqual({
    '': { events: 3n },
  });
  expect(await read(passed, { asOf: 29 })).toEqual({ '': { events: 2n } });
  expect(await read(passed, { asOf: 29 + MS })).toEqual({ '': { events: 2n } });
  expect(await read(passed, { asOf: 30 })).toEqual({ '': { events: 2n } });
  expect(await read(passed, { asOf: 0.5 })).toEqual({});
});

test('dimensions are fields, attributes and the plan of the account at the event', async () => {
  await it.insert(
    subscribed(3, { account_id: 'a', subscription_id: 's', plan_id: 'team' }),
    completed(2, {
      user_id: 'u',
      account_id: 'a',
      course_id: 'basics',
      attributes: { region: 'n' },
    }),
    completed(4, {
      user_id: 'u',
      account_id: 'a',
      course_id: 'basics',
      attributes: { region: '' },
    }),
    completed(5, {
      user_id: 'v',
      account_id: 'a',
      course_id: 'next',
      attributes: { region: 'a\u001Fb' },
    }),
  );
  const count: OwnFormula = { type: 'count', events: COMPLETIONS };
  expect(await read(count, { asOf: 10, by: ['plan', 'course', 'region'] })).toEqual({
    '(none)|basics|n': { events: 1n },
    'team|basics|(none)': { events: 1n },
    'team|next|a b': { events: 1n },
  });
  expect(await read(count, { asOf: 10, by: ['plan'], filter: { course: ['basics'] } })).toEqual({
    '(none)': { events: 1n },
    team: { events: 1n },
  });
});

test('distinct users are counted once in each account, whatever they did', async () => {
  await it.insert(
    completed(1, { user_id: 'u', account_id: 'a', course_id: 'x' }),
    completed(2, { user_id: 'u', account_id: 'a', course_id: 'x' }),
    completed(3, { user_id: 'u', account_id: 'b', course_id: 'y' }),
    completed(4, { user_id: 'u', account_id: null, course_id: 'y' }),
  );
  const users: OwnFormula = { type: 'distinct', events: COMPLETIONS, of: 'user' };
  expect(await read(users, { asOf: 10 })).toEqual({ '': { users: 2n } });
  expect(await read(users, { asOf: 10, by: ['course'] })).toEqual({
    x: { users: 1n },
    y: { users: 1n },
  });
  // The first event of u in a has left the window, the second has not.
  expect(await read(users, { asOf: 29.5 })).toEqual({ '': { users: 2n } });
  expect(await read(users, { asOf: 30.5 })).toEqual({ '': { users: 1n } });
  const accounts: OwnFormula = { type: 'distinct', events: COMPLETIONS, of: 'account' };
  expect(await read(accounts, { asOf: 10 })).toEqual({ '': { accounts: 2n } });
});

test('sums of money are converted at the rate of each day; what has none is counted', async () => {
  const paid = (at: number, amount_net_minor: number, currency: string) =>
    invoicePaid(at, { account_id: 'a', invoice_id: `i${at}`, amount_net_minor, currency });
  await it.insert(
    ratePublished(1, { base: 'USD', quote: 'EUR', rate: '0.5', date: '2026-01-02' }),
    paid(2, 1_00, 'EUR'),
    paid(3, 3, 'USD'),
    paid(3.5, 2, 'USD'),
    paid(4, 7, 'JPY'),
  );
  const sum: OwnFormula = { type: 'sum', events: INVOICES, of: 'amount_net_minor' };
  // 2.5 cents of one day are one sum, rounded half to even.
  expect(await read(sum, { asOf: 10 })).toEqual({
    '': { sum: 1_02n, sum_events: 4n, no_fx_rate: 1n },
  });
  const perAccount: OwnFormula = {
    type: 'ratio',
    numerator: sum,
    denominator: { type: 'distinct', events: INVOICES, of: 'account' },
  };
  expect(await read(perAccount, { asOf: 10 })).toEqual({
    '': { numerator: 1_02n, numerator_events: 4n, denominator: 1n, no_fx_rate: 1n },
  });
});

test('a mean is of whole numbers within its limit', async () => {
  const scored = (at: number, attributes: Readonly<Record<string, string>>) =>
    answered(at, { user_id: `u${at}`, score: 5, scale_min: 1, scale_max: 5, attributes });
  await it.insert(
    scored(1, { points: '3' }),
    scored(2, { points: '-5' }),
    scored(3, { points: '10001' }),
    scored(4, { points: '1.5' }),
    scored(5, {}),
  );
  const events = { event: 'survey.response_submitted', where: [] } as const;
  const mean: OwnFormula = { type: 'mean', events, of: 'attributes.points' };
  expect(await read(mean, { asOf: 10 })).toEqual({
    '': { sum: -2n, squares: 34n, events: 2n, out_of_range: 1n },
  });
  const where = [{ field: 'attributes.points', is: 'greater', values: [3] }] as const;
  expect(await read({ type: 'count', events: { ...events, where } }, { asOf: 10 })).toEqual({
    '': { events: 1n },
  });
});

test('a cohort is whose first entry matured in the window, with the dimensions of the entry', async () => {
  const H = days(7);
  const cohort: OwnFormula = {
    type: 'cohort_ratio',
    entry: { event: 'lms.course_enrolled', where: [] },
    converted: COMPLETIONS,
    per: 'user',
    horizonMs: H,
  };
  const enrol = (at: number, user_id: string, course_id = 'x') =>
    enrolled(at, { user_id, course_id, account_id: 'a' });
  const complete = (at: number, user_id: string) =>
    completed(at, { user_id, course_id: 'y', account_id: 'a' });
  await it.insert(
    enrol(1, 'u'),
    complete(8 - MS, 'u'),
    enrol(1, 'late'),
    complete(8, 'late'),
    enrol(1, 'before'),
    complete(1 - MS, 'before'),
    enrol(1, 'at once', 'z'),
    complete(1, 'at once'),
    enrol(2, 'u'),
  );
  expect(await read(cohort, { asOf: 8 })).toEqual({ '': { immature: 4n } });
  expect(await read(cohort, { asOf: 8 + MS })).toEqual({ '': { entered: 4n, converted: 2n } });
  expect(await read(cohort, { asOf: 36, by: ['course'] })).toEqual({
    x: { entered: 3n, converted: 1n },
    z: { entered: 1n, converted: 1n },
  });
  expect(await read(cohort, { asOf: 36 + MS })).toEqual({});
  expect(await read(cohort, { asOf: 10, filter: { course: ['z'] } })).toEqual({
    '': { entered: 1n, converted: 1n },
  });
});

test('history as of given offsets knows no more than they do, and later versions replace earlier ones', async () => {
  const who = { user_id: 'u', account_id: 'a', course_id: 'x' };
  await it.insert(
    completed(1, { ...who, event_id: 'c1' }),
    completed(2, { ...who, event_id: 'c2' }),
    completed(2, { ...who, event_id: 'c1', source_version: 1, course_id: 'y' }),
    completed(3, { ...who, event_id: 'back', retracts: 'c2' }),
  );
  const count: OwnFormula = { type: 'count', events: COMPLETIONS };
  const bounded = (offset: number) =>
    read(count, { asOf: 10, by: ['course'] }, { offsetBound: { 'kpi.test.v1:0': offset } });
  expect(await bounded(2)).toEqual({ x: { events: 2n } });
  expect(await bounded(3)).toEqual({ x: { events: 1n }, y: { events: 1n } });
  expect(await bounded(4)).toEqual({ y: { events: 1n } });
});

test('names of a declaration are values of parameters, never text of a statement', async () => {
  const name = "attributes.x'] OR 1=1 --";
  const where = [{ field: name, is: 'in', values: ["') OR 1=1 --"] }] as const;
  await it.insert(
    completed(1, { user_id: 'u', course_id: 'x', attributes: { "x'] OR 1=1 --": 'y' } }),
  );
  const asked: OwnFormula = { type: 'count', events: { ...COMPLETIONS, where } };
  expect(await read(asked, { asOf: 10 })).toEqual({});
  const unknown = [{ field: 'event_id); DROP', is: 'in', values: ['x'] }] as const;
  const broken: OwnFormula = { type: 'count', events: { ...COMPLETIONS, where: unknown } };
  await expect(read(broken, { asOf: 10 })).rejects.toThrow(RangeError);
});
