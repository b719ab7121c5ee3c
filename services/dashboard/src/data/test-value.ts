import type { Entry, KpiValue } from './answers.ts';

export const WEEK_MS = 7 * 86_400_000;

/** A churn rate of a week. */
export const SHARE: KpiValue = {
  kpi_id: 'customer_churn_rate',
  definition_version: 1,
  segment: {},
  window: {
    kind: 'rolling',
    from: '2026-01-01T00:00:00.000Z',
    to: '2026-01-08T00:00:00.000Z',
    resolution_ms: 3_600_000,
  },
  as_of: '2026-01-08T00:00:00.000Z',
  watermark: null,
  value: 0.045,
  unit: 'ratio',
  currency: null,
  numerator: 9,
  denominator: 200,
  n: 200,
  ci: { level: 0.95, low: 0.0239, high: 0.0833, method: 'wilson' },
  status: 'ok',
  notes: [],
  immature_n: 0,
  excluded: {},
  served_from: 'live',
  sources: {},
  revision: 0,
  computed_at: '2026-01-08T00:00:00.000Z',
};

export const TICKETS: KpiValue = {
  ...SHARE,
  kpi_id: 'support_ticket_rate',
  value: 7.692,
  unit: 'per_100_account_days',
  numerator: 7,
  denominator: 91 * 86_400_000,
  n: 4,
  ci: null,
};

export const GROWTH: KpiValue = {
  ...SHARE,
  kpi_id: 'sales_growth_rate',
  value: 0.2,
  currency: 'EUR',
  numerator: 2_000_000,
  denominator: 10_000_000,
  n: 1,
};

export const ENTRY: Entry = {
  id: 'customer_churn_rate',
  title: 'Customer churn rate',
  description: '',
  formula: '',
  rules: [],
  unit: 'ratio',
  definition_version: 1,
  default_window: '28d',
  windows: [
    { window: '7d', resolution: '1h' },
    { window: '28d', resolution: '1h' },
  ],
  dimensions: ['plan'],
  default_filter: {},
  variants: [],
  events: [],
  served_from: 'live',
};
