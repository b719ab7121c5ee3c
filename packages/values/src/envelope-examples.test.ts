import { DAY_MS } from '@kpi/core';
import { describe, expect, test } from 'vitest';

import { envelope } from './test-envelope.ts';

describe('the worked examples of the specification', () => {
  test('observed lifetime value: 84 euros a customer at a margin of 0.3, 280 without', () => {
    const components = {
      sales: 840_00n,
      accounts: 3n,
      younger: 1n,
      margin: 3_000_000_000n,
      no_margin: 0n,
    };
    expect(envelope('clv_observed', components)).toMatchObject({
      value: 84,
      currency: 'EUR',
      numerator: 252_00,
      denominator: 3,
      immature_n: 1,
    });
    expect(envelope('clv_observed.revenue', components)).toMatchObject({ value: 280 });
    expect(envelope('clv_observed', { ...components, margin: 0n, no_margin: 1n })).toMatchObject({
      value: null,
    });
  });

  test('course completion: 2 of 4, and 3 of 4 to date', () => {
    const components = {
      enrolled: 4n,
      completed: 2n,
      completed_to_date: 3n,
      immature: 1n,
      withdrawn: 1n,
    };
    const value = envelope('course_completion_rate', components);
    expect(value).toMatchObject({ value: 0.5, numerator: 2, denominator: 4, n: 4, immature_n: 1 });
    expect(value).toMatchObject({
      excluded: { withdrawn: 1 },
      status: 'low_n',
      unit: 'ratio',
      currency: null,
    });
    expect(value.ci).toMatchObject({ level: 0.95, method: 'wilson' });
    expect(value.ci?.low).toBeCloseTo(0.15, 3);
    expect(value.ci?.high).toBeCloseTo(0.85, 3);
    expect(envelope('course_completion_rate.to_date', components).value).toBe(0.75);
  });

  test('customer churn: gross, net and with new accounts', () => {
    const components = {
      start: 200n,
      churned: 9n,
      net_lost: 8n,
      with_new_base: 230n,
      with_new_churned: 13n,
      start_mrr: 1_000_000n,
      churned_mrr: 62_500n,
      no_fx_rate: 0n,
    };
    const gross = envelope('customer_churn_rate', components);
    expect(gross).toMatchObject({
      kpi_id: 'customer_churn_rate',
      value: 0.045,
      status: 'ok',
      notes: [],
    });
    expect(gross.ci?.low).toBeCloseTo(0.0239, 4);
    expect(gross.ci?.high).toBeCloseTo(0.0833, 4);
    expect(envelope('customer_churn_rate.net', components)).toMatchObject({
      kpi_id: 'customer_churn_rate.net',
      value: 0.04,
    });
    expect(envelope('customer_churn_rate.with_new', components).value).toBeCloseTo(0.0565, 4);
    expect(envelope('customer_churn_rate.revenue', components)).toMatchObject({
      value: 0.0625,
      currency: 'EUR',
      n: 200,
      ci: null,
    });
  });

  test('satisfaction: 5 of 7', () => {
    const value = envelope('csat_score', { responses: 7n, satisfied: 5n });
    expect(value.value).toBeCloseTo(0.7143, 4);
    expect(value.ci?.low).toBeCloseTo(0.3589, 4);
    expect(value.ci?.high).toBeCloseTo(0.9178, 4);
  });

  test('sales growth: 120,000 after 100,000', () => {
    const value = envelope('sales_growth_rate', {
      current: 12_000_000n,
      previous: 10_000_000n,
      accounts: 40n,
    });
    expect(value).toMatchObject({ value: 0.2, numerator: 2_000_000, denominator: 10_000_000 });
    expect(value).toMatchObject({ currency: 'EUR', n: 40, ci: null, status: 'ok' });
  });

  test('ticket rate: 7 tickets in 91 account-days', () => {
    const overall = envelope('support_ticket_rate', {
      tickets: 7n,
      exposure_ms: BigInt(91 * DAY_MS),
      accounts: 4n,
    });
    expect(overall.value).toBeCloseTo(7.692, 3);
    expect(overall).toMatchObject({ unit: 'per_100_account_days', n: 4, status: 'low_n' });
    expect(overall.ci?.method).toBe('garwood');
    expect(overall.ci?.low).toBeLessThan(7.692);
    const trained = { tickets: 1n, exposure_ms: BigInt(42 * DAY_MS), accounts: 2n };
    const untrained = { tickets: 6n, exposure_ms: BigInt(49 * DAY_MS), accounts: 3n };
    expect(envelope('support_ticket_rate', trained).value).toBeCloseTo(2.381, 3);
    expect(envelope('support_ticket_rate', untrained).value).toBeCloseTo(12.245, 3);
  });

  test('the interval of a ticket rate is in its own unit', () => {
    const components = { tickets: 30n, exposure_ms: BigInt(400 * DAY_MS), accounts: 40n };
    const { value, ci } = envelope('support_ticket_rate', components);
    expect(value).toBeCloseTo(7.5, 10);
    expect(ci?.low).toBeCloseTo(5.06022, 5);
    expect(ci?.high).toBeCloseTo(10.70672, 5);
  });
});
