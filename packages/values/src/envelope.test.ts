import { days, KPIS, type KpiValue } from '@kpi/core';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { TO, envelope } from './test-envelope.ts';

function growthFrom(previous: bigint): KpiValue {
  return envelope('sales_growth_rate', { current: 100n, previous, accounts: 50n });
}

function withUnresolved(unresolved: bigint): KpiValue {
  const exposure = BigInt(days(900));
  return envelope('support_ticket_rate', {
    tickets: 95n,
    exposure_ms: exposure,
    accounts: 60n,
    unresolved_account: unresolved,
  });
}

describe('status', () => {
  test('no denominator is no data, never 0, also when runs are still immature', () => {
    const value = envelope('course_completion_rate', { enrolled: 0n, completed: 0n, immature: 3n });
    expect(value).toMatchObject({ value: null, ci: null, status: 'no_data', n: 0, immature_n: 3 });
    expect(value.notes).toEqual(['no_data: the denominator is 0']);
  });

  test('none of five is a real 0 with its interval', () => {
    const value = envelope('csat_score', { responses: 5n, satisfied: 0n });
    expect(value).toMatchObject({ value: 0, status: 'low_n' });
    expect(value.ci?.low).toBe(0);
    expect(value.ci?.high).toBeCloseTo(0.4345, 4);
  });

  test('29 units are few, 30 are enough, and the number is a definition', () => {
    expect(envelope('csat_score', { responses: 29n, satisfied: 9n }).status).toBe('low_n');
    expect(envelope('csat_score', { responses: 30n, satisfied: 9n }).status).toBe('ok');
    const few = envelope(
      'csat_score',
      { responses: 9n, satisfied: 3n },
      { definitions: { lowN: 9 } },
    );
    expect(few.status).toBe('ok');
  });

  test('a value of too few persons is withheld whole when the tenant says so', () => {
    const given = { definitions: { suppressN: 5 } };
    const value = envelope('csat_score', { responses: 4n, satisfied: 4n }, given);
    expect(value).toMatchObject({
      value: null,
      numerator: null,
      denominator: null,
      n: null,
      ci: null,
    });
    expect(value.notes).toEqual(['low_n: withheld, fewer than 5 units']);
    expect(envelope('csat_score', { responses: 5n, satisfied: 4n }, given).value).toBe(0.8);
    expect(envelope('csat_score', { responses: 0n, satisfied: 0n }, given).status).toBe('no_data');
  });

  test('a source that is silent for longer than expected makes the value stale', () => {
    const sources = { lms: TO - 10_000, stripe: TO - 70_000 };
    const silenceLimitMs = { lms: 5_000, '*': 80_000 };
    const value = envelope(
      'csat_score',
      { responses: 40n, satisfied: 9n },
      { definitions: { silenceLimitMs }, moment: { sources } },
    );
    expect(value.status).toBe('stale');
    expect(value.notes).toEqual(['stale: nothing from lms since 2026-01-28T23:59:50.000Z']);
    expect(value.watermark).toBe('2026-01-28T23:58:50.000Z');
    expect(value.sources['stripe']).toBe('2026-01-28T23:58:50.000Z');
  });

  test('the worst status comes first and all are in the notes', () => {
    const value = envelope(
      'sales_growth_rate',
      { current: 5n, previous: 10n, accounts: 2n, no_fx_rate: 3n },
      { definitions: { silenceLimitMs: { '*': 1 } }, moment: { sources: { billing: TO - 2 } } },
    );
    expect(value.notes.map((note) => note.split(':')[0])).toEqual(['suspect', 'stale', 'low_n']);
    expect(value).toMatchObject({ status: 'suspect', value: -0.5, excluded: { no_fx_rate: 3 } });
  });

  test('a variant is suspect by the rates that it asks for itself', () => {
    const components = { current: 5n, previous: 10n, previous_yoy: 10n, no_fx_rate_yoy: 2n };
    expect(envelope('sales_growth_rate', components)).toMatchObject({ excluded: {} });
    expect(envelope('sales_growth_rate', components).status).not.toBe('suspect');
    expect(envelope('sales_growth_rate.yoy', components)).toMatchObject({
      status: 'suspect',
      excluded: { no_fx_rate: 2 },
    });
  });

  test('growth from nothing is no data, growth from net refunds is suspect', () => {
    expect(growthFrom(0n)).toMatchObject({ value: null, status: 'no_data', numerator: 100 });
    expect(growthFrom(-1n)).toMatchObject({ value: null, status: 'suspect', ci: null });
  });

  test('a missing exchange rate concerns the revenue variant only', () => {
    const components = {
      start: 100n,
      churned: 1n,
      start_mrr: 10n,
      churned_mrr: 1n,
      no_fx_rate: 1n,
    };
    expect(envelope('customer_churn_rate', components).status).toBe('ok');
    expect(envelope('customer_churn_rate.revenue', components).status).toBe('suspect');
  });

  test('more than one ticket in twenty without an account is suspect', () => {
    expect(withUnresolved(5n)).toMatchObject({ status: 'ok', excluded: { unresolved_account: 5 } });
    expect(withUnresolved(6n).status).toBe('suspect');
  });

  test('the net promoter score is in points, with its interval', () => {
    const value = envelope('nps_score', { responses: 8n, promoters: 4n, detractors: 2n });
    expect(value).toMatchObject({ value: 25, unit: 'points', numerator: 2, n: 8 });
    expect(value.ci?.low).toBeCloseTo(-29.417, 3);
    expect(value.ci?.high).toBeCloseTo(65.78, 2);
    expect(value.ci?.method).toBe('adjusted_wald');
  });

  test('a mean has an interval from thirty scores on; its share has a unit of its own', () => {
    const few = { responses: 29n, score_sum: 29n, score_squares: 29n, easy: 0n };
    expect(envelope('customer_effort_score', few)).toMatchObject({ value: 1, ci: null });
    const many = { responses: 30n, score_sum: 120n, score_squares: 600n, easy: 15n };
    const mean = envelope('customer_effort_score', many);
    expect(mean).toMatchObject({ value: 4, unit: 'scale_points', ci: { method: 'student_t' } });
    expect(mean.ci?.low).toBeCloseTo(4 - 2.04523 * Math.sqrt(4 / 29), 4);
    const share = envelope('customer_effort_score.easy_share', many);
    expect(share).toMatchObject({ value: 0.5, unit: 'ratio', ci: { method: 'wilson' } });
  });

  test.each([
    { responses: 8n, promoters: 7n, detractors: 2n },
    { responses: 8n, promoters: 2n, detractors: -1n },
  ])('more promoters and detractors than answers are no value', (components) => {
    expect(envelope('nps_score', components)).toMatchObject({ value: null, status: 'suspect' });
  });

  test('a share above all of its units is no value', () => {
    const value = envelope('csat_score', { responses: 40n, satisfied: 41n });
    expect(value).toMatchObject({ value: null, ci: null, status: 'suspect' });
  });
});

test('a window ends at its as-of time and names its step', () => {
  const value = envelope(
    'csat_score',
    { responses: 1n, satisfied: 1n },
    { moment: { asOf: TO - 7, servedFrom: 'live' } },
  );
  expect(value.window).toEqual({
    kind: 'rolling',
    from: '2026-01-01T00:00:00.000Z',
    to: '2026-01-29T00:00:00.000Z',
    resolution_ms: 3_600_000,
  });
  expect(value).toMatchObject({ as_of: '2026-01-28T23:59:59.993Z', served_from: 'live' });
});

test('no components of any KPI ever give a number that is not finite', () => {
  const sum = fc.oneof(fc.bigInt(-5n, 5n), fc.bigInt(0n, 10n ** 12n));
  const variants = KPIS.flatMap((kpi) =>
    kpi.variants.map(({ name }) => ({ kpi, id: name === '' ? kpi.id : `${kpi.id}.${name}` })),
  );
  const draw = fc
    .constantFrom(...variants)
    .chain(({ kpi, id }) =>
      fc.tuple(
        fc.constant(id),
        fc.record(Object.fromEntries(kpi.components.map((component) => [component, sum]))),
      ),
    );
  fc.assert(
    fc.property(draw, ([id, components]) => {
      const value = envelope(id, components);
      const numbers = [value.value, value.ci?.low, value.ci?.high, value.n];
      expect(
        numbers.every(
          (number) => number === undefined || number === null || Number.isFinite(number),
        ),
      ).toBe(true);
      expect(value.value === null || value.denominator !== 0).toBe(true);
      expect(value.notes.length === 0).toBe(value.status === 'ok');
    }),
  );
});
