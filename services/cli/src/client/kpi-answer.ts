import { z } from 'zod';

/** The fields of a value that people see; `--json` passes on whatever else the API sends. */
export const plainValue = z.object({
  kpi_id: z.string(),
  segment: z.record(z.string(), z.string()),
  window: z.object({ from: z.string(), to: z.string() }),
  as_of: z.string(),
  value: z.number().nullable(),
  unit: z.string(),
  currency: z.string().nullable(),
  numerator: z.number().nullable(),
  denominator: z.number().nullable(),
  n: z.number().nullable(),
  ci: z.object({ level: z.number(), low: z.number(), high: z.number().nullable() }).nullable(),
  status: z.string(),
  notes: z.array(z.string()),
  immature_n: z.number(),
  excluded: z.record(z.string(), z.number()),
  served_from: z.string(),
  sources: z.record(z.string(), z.string()),
  revision: z.int(),
});

export type PlainValue = z.infer<typeof plainValue>;

/** What a value is compared with. */
const comparison = z.object({
  with: z.string(),
  base: plainValue,
  difference: z.number().nullable(),
  difference_unit: z.string(),
  relative_percent: z.number().nullable(),
  direction: z.string().nullable(),
});

export type Comparison = z.infer<typeof comparison>;

export const value = plainValue.extend({ comparisons: z.array(comparison).optional() });

export type Value = z.infer<typeof value>;

const grouping = { by: z.array(z.string()), notes: z.array(z.string()) };

const groups = z.object({
  ...grouping,
  total: value.nullable(),
  values: z.array(value),
});

/** Answer of `GET /v1/kpis/{id}`: one value, or with `by` one for each group. */
export const currentAnswer = z.union([value, groups]);

/** Answer of `GET /v1/kpis/{id}/history`. */
export const historyAnswer = z.object({ ...grouping, points: z.array(value) });
