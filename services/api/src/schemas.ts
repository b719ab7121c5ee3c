import { INTERVAL_METHODS, KPI_UNITS, type KpiValue, STATUSES } from '@kpi/core';
import type { Problem } from '@kpi/runtime';
import { BASELINES } from '@kpi/values';
import { z } from 'zod';

import type { CatalogueEntry } from './catalogue.ts';
import type { ComparedValue, Groups, Series } from './question.ts';

const text = z.string().optional();
const list = z.union([z.string(), z.array(z.string())]).optional();
const time = z.iso.datetime();

const unit = z.enum(KPI_UNITS);
const interval = z.enum(INTERVAL_METHODS);

/** Parameters common to every read. Dimensions may be named too (`plan=pro`); what is allowed depends on the KPI. */
export const selection = {
  window: text.describe(
    'Length of the window, such as `24h` or `28d`; by default the one of the KPI.',
  ),
  by: list.describe('Dimensions to group by, comma-separated.'),
  filter: list.describe(
    'Allowed values, as `plan:pro,plan:free,trained:true`: the same name again means or, another name means and. A dimension may also be a parameter of its own: `context=ticket`.',
  ),
  groups: text.describe(
    'With `by`: values of a dimension that are groups of their own, the largest by denominator, 1 to 1,000 (default 100). All others are together in `(other)`; contexts and scales, which are never counted together, are left out. `notes` says so.',
  ),
  horizon: text.describe('For cohort KPIs: time to convert, such as `14d`. Answered from history.'),
  age: text.describe(
    'Of what is told until an age: months since an account became a customer, such as `12`.',
  ),
};

export const idParameters = z.object({
  id: z.string().describe('Id of a KPI, with a variant after a dot: `customer_churn_rate.net`.'),
});

export const currentParameters = z
  .object({
    ...selection,
    compare: list.describe(
      '`previous`, `year` or both: each value with that of the window before, [t - 2W, t - W), and of the window that ended 364 days earlier, from history.',
    ),
  })
  .catchall(z.union([z.string(), z.array(z.string())]));

export const historyParameters = z
  .object({
    ...selection,
    from: text.describe('First as-of time, RFC 3339; by default 89 intervals before `to`.'),
    to: text.describe('Last as-of time, RFC 3339; by default the last whole interval.'),
    interval: text.describe(
      'Distance of the points, such as `1d` (default). At most 1,000 points.',
    ),
    as_of: text.describe('One as-of time instead of a series, RFC 3339.'),
    definition_version: text.describe(
      'By the definitions of this version, such as `2`; by default those in force.',
    ),
  })
  .catchall(z.union([z.string(), z.array(z.string())]));

/** The result envelope of every value. */
export const envelope = z.object({
  kpi_id: z.string(),
  definition_version: z.int(),
  segment: z.record(z.string(), z.string()),
  window: z.object({ kind: z.literal('rolling'), from: time, to: time, resolution_ms: z.int() }),
  as_of: time,
  watermark: time.nullable(),
  value: z.number().nullable(),
  unit,
  currency: z.string().nullable(),
  numerator: z.number().nullable(),
  denominator: z.number().nullable(),
  n: z.number().nullable().describe('Independent units behind the value.'),
  ci: z
    .object({ level: z.number(), low: z.number(), high: z.number().nullable(), method: z.string() })
    .nullable(),
  status: z.enum(STATUSES).describe('The worst that holds; all that hold are in `notes`.'),
  notes: z.array(z.string()),
  immature_n: z.number(),
  excluded: z.record(z.string(), z.number()),
  served_from: z.enum(['live', 'history']),
  sources: z.record(z.string(), time).describe('Last event of each source.'),
  revision: z.int(),
  computed_at: time,
});

const kpiValue: z.ZodType<KpiValue> = envelope;

const comparison = z.object({
  with: z.enum(BASELINES),
  base: envelope.describe('The earlier value.'),
  difference: z
    .number()
    .nullable()
    .describe('Shares in percentage points, all else in the unit; null where either is no value.'),
  difference_unit: z.enum(['percentage_points', ...KPI_UNITS]).exclude(['ratio']),
  relative_percent: z.number().nullable().describe('Null where the base is 0 or below.'),
  direction: z
    .enum(['up', 'down', 'same'])
    .nullable()
    .describe('Null where either value has no, suspect or few data: show no arrow.'),
});

const comparedValue: z.ZodType<ComparedValue> = envelope.extend({
  comparisons: z.array(comparison).exactOptional().describe('Only with `compare`.'),
});

const grouping = {
  by: z.array(z.string()),
  notes: z.array(z.string()).describe('What became of the smallest of too many values.'),
};

export const currentAnswer: z.ZodType<ComparedValue | Groups> = z
  .union([
    comparedValue,
    z.object({
      ...grouping,
      total: comparedValue.nullable(),
      values: z.array(comparedValue),
    }),
  ])
  .describe('One value, or with `by` the total and one value per group.');

export const historyAnswer: z.ZodType<Series> = z
  .object({
    ...grouping,
    points: z.array(kpiValue),
  })
  .describe('Values in order of as-of time, then of group.');

export const catalogueAnswer: z.ZodType<{
  readonly kpis: readonly CatalogueEntry[];
  readonly definitions: Readonly<Record<string, unknown>>;
}> = z.object({
  definitions: z
    .record(z.string(), z.unknown())
    .describe('What the tenant has decided about its KPIs, as in a file of `kpi config apply`.'),
  kpis: z.array(
    z.object({
      id: z.string(),
      title: z.string(),
      description: z.string(),
      formula: z.string(),
      rules: z.array(z.string()),
      unit,
      definition_version: z.int(),
      default_window: z.string(),
      windows: z.array(z.object({ window: z.string(), resolution: z.string() })),
      dimensions: z.array(z.string()),
      default_filter: z.record(z.string(), z.array(z.string())),
      variants: z.array(
        z.object({
          id: z.string(),
          title: z.string(),
          unit,
          interval,
          horizon: z.string().nullable(),
        }),
      ),
      events: z.array(z.string()),
      horizon: z.string().nullable(),
      age: z.int().nullable(),
      served_from: z.enum(['live', 'history']),
    }),
  ),
});

/** An RFC 9457 problem document. */
const problem: z.ZodType<Omit<Problem, 'code'>> = z.object({
  type: z.string(),
  title: z.string(),
  status: z.int(),
  code: z.string().describe('Stable name of what is wrong.'),
  detail: z.string().describe('The same for people; may change.'),
  instance: z.string(),
  request_id: z.string(),
  errors: z.array(z.object({ path: z.string(), message: z.string() })).exactOptional(),
});

function refusal(description: string) {
  return { description, content: { 'application/problem+json': { schema: problem } } } as const;
}

/** Refusals of every route that needs a key. */
export const KEY_REFUSALS = {
  401: refusal('No valid API key: `key_missing`.'),
  403: refusal('The key lacks the scope `read`: `key_forbidden`.'),
  429: refusal('Too many requests: `rate_limited`. `Retry-After` says when to go on.'),
} as const;

/** Refusals of every route that answers a question about a KPI. */
export const QUESTION_REFUSALS = {
  ...KEY_REFUSALS,
  400: refusal('A wrong question: `parameter_invalid`, `dimension_unknown`.'),
  404: refusal('No such KPI: `kpi_unknown`. The detail names those that are near.'),
  503: refusal('A store is away: `store_unreachable`, `history_unreachable`. Try again.'),
} as const;

/** Refusals of an export. */
export const EXPORT_REFUSALS = {
  ...KEY_REFUSALS,
  400: refusal('A wrong format, column or time: `parameter_invalid`.'),
  404: refusal('No such view: `not_found`. The detail names those that there are.'),
  503: refusal('The history store is away: `history_unreachable`. Try again.'),
} as const;
