import { z } from 'zod';

import { plainValue } from './kpi-answer.ts';

const interval = z
  .object({ low: z.number(), high: z.number().nullable(), method: z.string() })
  .nullable();
const ratio = z.object({ ratio: z.number(), ci: interval, p_value: z.number().nullable() });
const cell = z.object({ tickets: z.number(), account_days: z.number() });
const group = cell.extend({ accounts: z.number(), rate: z.number().nullable(), ci: interval });

/** Answer of `GET /v1/compare/support_ticket_rate`, as far as people see it; `--json` passes on whatever else the API sends. */
export const compareAnswer = z.object({
  window: z.object({ from: z.string(), to: z.string(), is_growing: z.boolean() }),
  stratified_by: z.array(z.string()),
  groups: z.object({ trained: group, untrained: group }),
  headline: ratio.nullable(),
  stratified: ratio
    .extend({ overlap: z.object({ trained_time: z.number(), untrained_time: z.number() }) })
    .nullable(),
  strata: z.array(
    z.object({
      stratum: z.string(),
      trained: cell,
      untrained: cell,
      ratio: z.number().nullable(),
      ci: interval,
      is_used: z.boolean(),
    }),
  ),
  difference_in_differences: ratio.nullable(),
  matched: z.object({ trained: z.number(), compared: z.number(), others: z.number() }),
  event_study: z.object({ pre_trend: z.object({ p_value: z.number() }).nullable() }).nullable(),
  unadjusted: z.array(
    z.object({ name: z.string(), ratio: z.number().nullable(), flaw: z.string() }),
  ),
  status: z.string(),
  guard_rails: z.array(z.object({ code: z.string(), text: z.string() })),
  summary: z.string(),
});

export type Comparison = z.infer<typeof compareAnswer>;

/** Answer of `GET /v1/compare/{id}?by=`. */
export const groupsAnswer = z.object({
  by: z.string(),
  groups: z.array(z.object({ group: z.string(), value: plainValue })),
  difference: z.object({
    difference: z.number().nullable(),
    unit: z.string(),
    ci: interval,
    ratio: z.object({ value: z.number(), ci: interval }).nullable(),
    p_value: z.number().nullable(),
    notes: z.array(z.string()),
  }),
  summary: z.string(),
});

export type ComparedGroups = z.infer<typeof groupsAnswer>;
