import { type AccountExposure, days } from '@kpi/core';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { type ComparisonReport } from './comparison-report.ts';
import { compareTickets } from './report.ts';
import { SCENARIO, START_MS, account, scenario } from './test-scenario.ts';

function usual({ unadjusted }: ComparisonReport): Readonly<Record<string, number | null>> {
  return Object.fromEntries(unadjusted.map(({ name, ratio }) => [name, ratio]));
}

describe.each([
  [1, [2.8, 0.5846, 0.3444, 0.3]],
  [0.7, [2.38, 0.4969, 0.2411, 0.21]],
] as const)(
  'the company of STATISTICS 9 with a true ratio of %d',
  (effect, [perAccount, perDay, crude, beforeAfter]) => {
    const report = compareTickets(scenario(effect), SCENARIO);

    test('is answered by it, stratified and within accounts', () => {
      expect(report.headline?.ratio).toBeCloseTo(effect, 12);
      expect(report.difference_in_differences?.ratio).toBeCloseTo(effect, 12);
      expect(report.stratified?.overlap.trained_time).toBe(1);
      expect(report.stratified?.overlap.untrained_time).toBeCloseTo(0.323, 3);
    });

    test('has the usual numbers beside it, as unadjusted', () => {
      expect(usual(report)['ever_trained_per_account']).toBeCloseTo(perAccount, 4);
      expect(usual(report)['ever_trained_per_day']).toBeCloseTo(perDay, 4);
      expect(usual(report)['trained_time_crude']).toBeCloseTo(crude, 4);
      expect(usual(report)['before_after']).toBeCloseTo(beforeAfter, 4);
    });

    test('is told in words that claim no cause', () => {
      expect(report.summary).toContain(
        effect === 1 ? 'No clear difference.' : 'Tickets were 30 % lower',
      );
      expect(report.summary).toContain('unadjusted');
      expect(report.summary).not.toContain('because');
    });
  },
);

test.each([
  [1, 0.8565, 1.1676],
  [0.7, 0.5956, 0.8227],
])(
  'with one open tenure bucket a true ratio of %d has the published log-Wald limits',
  (effect, low, high) => {
    const design = { ...SCENARIO, tenureEdgesMs: [days(28), days(84)] };
    const report = compareTickets(scenario(effect), design);
    const stratum = report.strata.find((one) => one.is_used);
    expect(stratum?.ci?.low).toBeCloseTo(low, 4);
    expect(stratum?.ci?.high).toBeCloseTo(high, 4);
  },
);

const FOUR_WEEKS = { ...SCENARIO, window: { from: START_MS, to: START_MS + days(28) } };

/** The worked example of KPI_SPEC 2.10. */
function example(): readonly AccountExposure[] {
  const asked = (...at: readonly number[]) =>
    at.map((day) => ({ at: START_MS + days(day), isOfIncident: false }));
  const trained = (day: number) => [{ at: START_MS + days(day), user: 1, course: 'basics' }];
  return [
    account('A', { completions: trained(14), tickets: asked(3, 13) }),
    account('B', { tickets: asked(1, 2, 27) }),
    account('C', { completions: trained(0), tickets: asked(20) }),
    account('D', {
      active: [{ from: START_MS, to: START_MS + days(7) }],
      tickets: asked(6),
    }),
  ];
}

test('the worked example of KPI_SPEC 2.10 has its rates and no headline', () => {
  const report = compareTickets(example(), FOUR_WEEKS);
  expect(report.groups.untrained).toMatchObject({ tickets: 6, account_days: 49 });
  expect(report.groups.untrained.rate).toBeCloseTo(12.245, 3);
  expect(report.groups.trained).toMatchObject({ tickets: 1, account_days: 42 });
  expect(report.groups.trained.rate).toBeCloseTo(2.381, 3);
  expect(report.crude?.ratio).toBeCloseTo(0.1944, 4);
  expect(report.crude?.ci).toMatchObject({ method: 'mid_p' });
  expect(report.crude?.ci?.low).toBeCloseTo(0.0084, 4);
  expect(report.crude?.ci?.high).toBeCloseTo(1.3167, 4);
  expect(report.headline).toBeNull();
  expect(report.status).toBe('low_n');
  expect(report.summary).toContain('No answer yet');
  // The split by what accounts became later is shown as what it is, and nowhere else.
  const { unadjusted, ...rest } = report;
  expect(usual(report)['ever_trained_per_day']).toBeCloseTo(0.4688, 4);
  expect(JSON.stringify(rest)).not.toContain('0.468');
  expect(unadjusted).toHaveLength(4);
});

test('neither the order of accounts nor their names matter', () => {
  const accounts = scenario(0.7);
  const [whole] = [compareTickets(accounts, SCENARIO)];
  fc.assert(
    fc.property(
      fc.shuffledSubarray([...accounts.keys()], { minLength: accounts.length }),
      (order) => {
        const shuffled = order.flatMap((place) => accounts[place] ?? []);
        const other = compareTickets(shuffled, SCENARIO);
        expect(other.stratified?.ratio).toBeCloseTo(whole.stratified?.ratio ?? 0, 10);
        expect(other.stratified?.log_se).toBeCloseTo(whole.stratified?.log_se ?? 0, 10);
        expect(other.groups).toEqual(whole.groups);
      },
    ),
    { numRuns: 5 },
  );
});

test('a lag gives the time after training to nobody', () => {
  const report = compareTickets(example(), { ...FOUR_WEEKS, lagMs: days(7) });
  expect(report.groups.trained.account_days).toBe(28);
  expect(report.groups.untrained.account_days).toBe(49);
  expect(report.excluded.account_not_active).toBe(0);
});

test('tickets of outages can be left out, and those of nobody known are told', () => {
  const accounts = [
    ...example(),
    account('', { active: [], tickets: [{ at: START_MS + days(2), isOfIncident: false }] }),
    account('E', { tickets: [{ at: START_MS + days(2), isOfIncident: true }] }),
    account('F', { active: [], tickets: [{ at: START_MS + days(2), isOfIncident: false }] }),
  ];
  const all = compareTickets(accounts, FOUR_WEEKS);
  const without = compareTickets(accounts, { ...FOUR_WEEKS, countsIncidents: false });
  expect(all.groups.untrained.tickets).toBe(7);
  expect(without.groups.untrained.tickets).toBe(6);
  expect(all.excluded).toEqual({ account_not_active: 1, unresolved_account: 1 });
  expect(all.guard_rails.map(({ code }) => code)).toContain('unresolved_accounts');
});

describe('with a filter', () => {
  /** The company on plan pro, where training changes nothing, and one on plan free, where it does much. */
  const accounts = [
    ...scenario(1),
    ...scenario(0.3).map((one) => ({
      ...one,
      account: `free ${one.account}`,
      plans: [{ from: START_MS, plan: 'free' }],
    })),
  ];
  const filtered = { ...SCENARIO, filter: { plan: ['pro'] } };

  test('every estimate is of what passes it', () => {
    const report = compareTickets(accounts, filtered);
    const alone = compareTickets(scenario(1), SCENARIO);
    expect(report.difference_in_differences?.ratio).toBeCloseTo(1, 12);
    expect({ ...report, summary: '' }).toEqual({ ...alone, summary: '' });
    expect(compareTickets(accounts, SCENARIO).matched).not.toEqual(alone.matched);
  });

  test('tickets of nobody known are a share of all tickets', () => {
    const all = compareTickets(accounts, SCENARIO).groups;
    const tickets = all.trained.tickets + all.untrained.tickets;
    const nobody = (count: number): AccountExposure =>
      account('', {
        active: [],
        tickets: Array.from({ length: count }, () => ({ at: START_MS, isOfIncident: false })),
      });
    const codesOf = (count: number) =>
      compareTickets([...accounts, nobody(count)], filtered).guard_rails.map(({ code }) => code);
    expect(codesOf(Math.floor(tickets * 0.05))).not.toContain('unresolved_accounts');
    expect(codesOf(Math.floor(tickets * 0.06))).toContain('unresolved_accounts');
  });
});
