import { type Components, DEFAULT_DEFINITIONS, type KpiVariant, days, kpiOf } from '@kpi/core';
import { describe, expect, test } from 'vitest';

import { type Subject, toEnvelope } from './envelope.ts';
import { groupDifference } from './group-difference.ts';

const AT = Date.UTC(2026, 0, 29);
const MOMENT = {
  to: AT,
  asOf: AT,
  computedAt: AT,
  servedFrom: 'history',
  revision: 0,
  sources: {},
} as const;

function subjectOf(id: string, name = ''): Subject {
  const kpi = kpiOf(id);
  const variant: KpiVariant | undefined = kpi?.variants.find((one) => one.name === name);
  if (kpi === undefined || variant === undefined) throw new RangeError(`there is no ${id}`);
  return { kpi, variant, windowMs: days(28), segment: {}, definitions: DEFAULT_DEFINITIONS };
}

function differ(subject: Subject, one: Components, zero: Components) {
  const values = [toEnvelope(subject, one, MOMENT), toEnvelope(subject, zero, MOMENT)] as const;
  return groupDifference(subject, { one, zero }, values);
}

test('shares differ by Newcombe, in percentage points: the published 45 of 60 and 40 of 70', () => {
  const found = differ(
    subjectOf('customer_churn_rate'),
    { churned: 45n, start: 60n },
    { churned: 40n, start: 70n },
  );
  expect(found.difference).toBeCloseTo(17.85714, 4);
  expect(found.ci?.low).toBeCloseTo(1.45867, 4);
  expect(found.ci?.high).toBeCloseTo(32.7281, 4);
  expect(found).toMatchObject({
    unit: 'percentage_points',
    ci: { method: 'newcombe' },
    ratio: null,
  });
});

describe('rates', () => {
  const subject = subjectOf('support_ticket_rate');
  const group = (tickets: bigint, time: number): Components => ({
    tickets,
    exposure_ms: BigInt(days(time)),
    accounts: 50n,
  });

  test('differ per 100 account-days, and have a ratio: the published 30 in 400 and 60 in 500', () => {
    const found = differ(subject, group(30n, 400), group(60n, 500));
    expect(found.difference).toBeCloseTo(-4.5, 10);
    expect(found.ci?.low).toBeCloseTo(-8.55244, 4);
    expect(found.ci?.high).toBeCloseTo(-0.44756, 4);
    expect(found.ratio?.value).toBeCloseTo(0.625, 12);
    expect(found.ratio?.ci?.method).toBe('log_wald');
    expect(found.ratio?.ci?.low).toBeCloseTo(0.4032233, 6);
    expect(found.notes.join()).toContain('independent');
  });

  test('of few tickets use mid-P, and exact limits where a group has none', () => {
    expect(differ(subject, group(1n, 42), group(6n, 49)).ratio?.ci?.method).toBe('mid_p');
    const none = differ(subject, group(0n, 50), group(7n, 60)).ratio;
    expect(none?.value).toBe(0);
    expect(none?.ci?.low).toBe(0);
    expect(none?.ci?.high).toBeCloseTo(0.8325768, 6);
    expect(differ(subject, group(7n, 60), group(0n, 50)).ratio).toBeNull();
  });
});

test('net promoter scores differ in points, their variances add', () => {
  const answers = (promoters: bigint, detractors: bigint, responses: bigint): Components => ({
    promoters,
    detractors,
    responses,
  });
  const found = differ(subjectOf('nps_score'), answers(4n, 2n, 8n), answers(40n, 20n, 80n));
  expect(found.difference).toBe(0);
  expect(found.unit).toBe('points');
  expect(found.ci?.low).toBeLessThan(-40);
  expect(found.ci?.method).toBe('adjusted_wald');
});

test('survival curves have a log-rank test, and shares by a time an interval', () => {
  const curve = (...times: readonly number[]): Components => ({
    entrants: BigInt(times.length + 1),
    reached: BigInt(times.length),
    ...Object.fromEntries(times.map((day) => [`event@${days(day)}`, 1n])),
    [`lost@${days(40)}`]: 1n,
  });
  const [quick, slow] = [curve(1, 2, 3, 4, 5, 6), curve(20, 21, 22, 23, 24, 25)];
  const median = differ(subjectOf('time_to_first_value'), quick, slow);
  expect(median.difference).toBe(-19);
  // Observed 6, expected 3.482, variance 2.295.
  expect(median.p_value).toBeCloseTo(0.0966, 4);
  expect(median.ci).toBeNull();
  const share = differ(subjectOf('time_to_first_value', 'by_7d'), quick, slow);
  expect(share.difference).toBeCloseTo((6 / 7) * 100, 10);
  expect(share.ci?.low).toBeGreaterThan(0);
  expect(share.ci?.high).toBeLessThanOrEqual(100);
});

test('money has no interval, and a group without a value no difference', () => {
  const money = { start_mrr: 100n, churned_mrr: 10n, start: 4n, no_fx_rate: 0n };
  const revenue = differ(subjectOf('customer_churn_rate', 'revenue'), money, money);
  expect(revenue).toMatchObject({ difference: 0, ci: null });
  const none = differ(subjectOf('customer_churn_rate'), { start: 0n }, { start: 3n });
  expect(none).toMatchObject({ difference: null, ci: null });
  expect(none.notes.join()).toContain('no value');
});
