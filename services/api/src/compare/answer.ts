import { type ComparisonReport, GUARD_RAILS, UNADJUSTED } from '@kpi/comparison';
import { z } from 'zod';

const time = z.iso.datetime();
const nullableNumber = z.number().nullable();

const interval = z
  .object({
    level: z.number(),
    low: z.number(),
    high: nullableNumber.describe('Null: without limit.'),
    method: z.string().describe('How it was made; `always_valid_…` holds at every look.'),
  })
  .nullable();

const ratio = {
  ratio: z.number().describe('Trained over untrained: 0.7 is 30 % fewer.'),
  ci: interval,
  p_value: nullableNumber.describe(
    'From the method of the interval; none where looks are repeated.',
  ),
  log_se: nullableNumber.describe('Standard error of the logarithm.'),
};

const cell = z.object({ tickets: z.int(), account_days: z.number() });

const group = cell.extend({
  accounts: z.int().describe('With time in it. An account may be in both.'),
  rate: nullableNumber.describe('Tickets per 100 account-days.'),
  ci: interval,
});

const stratified = z.object({
  ...ratio,
  difference: z
    .object({ value: z.number(), ci: interval.unwrap() })
    .describe('Per 100 account-days, as of history; its interval is for one look.'),
  homogeneity: z
    .object({ q: z.number(), degrees_of_freedom: z.int(), p_value: z.number() })
    .nullable()
    .describe('Whether the strata agree; below 0.1 look at them.'),
  overlap: z
    .object({
      trained_time: z.number(),
      untrained_time: z.number(),
      trained_tickets: z.number(),
      untrained_tickets: z.number(),
    })
    .describe('Shares in strata that have time of both groups: only they are compared.'),
  accounts: z.int(),
});

const contrast = z.object({
  ...ratio,
  trained: z.object({ before: cell, after: cell }),
  others: z.object({ before: cell, after: cell }),
});

const study = z.object({
  points: z.array(
    z.object({
      period: z.int().describe('28 days each, from training on; below 0 before it.'),
      effect: z.number().describe('Change against others, tickets per 100 account-days.'),
      low: z.number(),
      high: z.number(),
      accounts: z.int(),
    }),
  ),
  pre_trend: z
    .object({ statistic: z.number(), degrees_of_freedom: z.int(), p_value: z.number() })
    .nullable()
    .describe(
      'Whether trained accounts were changing already: a small p speaks against the comparison.',
    ),
});

const report: z.ZodType<ComparisonReport> = z.object({
  groups: z.object({ trained: group, untrained: group }),
  headline: stratified
    .nullable()
    .describe('The answer: the stratified ratio, where it may stand as one.'),
  stratified: stratified.nullable().describe('Mantel-Haenszel over the strata.'),
  strata: z.array(
    z.object({
      stratum: z.string(),
      trained: cell,
      untrained: cell,
      ratio: nullableNumber,
      ci: interval,
      is_used: z.boolean(),
    }),
  ),
  crude: z.object(ratio).nullable().describe('Without strata: no answer.'),
  difference_in_differences: contrast
    .nullable()
    .describe(
      'Trained accounts after over before, over the same of others of that plan and tenure.',
    ),
  matched: z.object({ trained: z.int(), compared: z.int(), others: z.int() }),
  event_study: study.nullable(),
  unadjusted: z
    .array(
      z.object({
        name: z.enum(UNADJUSTED),
        ratio: nullableNumber,
        flaw: z.string(),
      }),
    )
    .describe('What is usually shown, and what is wrong with it.'),
  dispersion: nullableNumber,
  excluded: z.object({ account_not_active: z.int(), unresolved_account: z.int() }),
  status: z.enum(['ok', 'no_data', 'suspect', 'low_n']),
  guard_rails: z.array(z.object({ code: z.enum(GUARD_RAILS), text: z.string() })),
  summary: z.string().describe('One paragraph for people.'),
});

const part = z.object({ from: time, to: time, at: time.describe('When it was read.') });

export const compareAnswer = z.intersection(
  z.object({
    kpi_id: z.literal('support_ticket_rate'),
    definition_version: z.int(),
    window: z.object({ from: time, to: time, is_growing: z.boolean() }),
    training: z.object({
      trained_by: z.string(),
      courses: z.array(z.string()).describe('Empty: any.'),
      lag: z.string(),
    }),
    stratified_by: z.array(z.string()),
    filter: z.record(z.string(), z.array(z.string())),
    served_from: z
      .object({ history: part, live: part.nullable() })
      .describe(
        'Counts of the last day come from the live store where it keeps them; intervals, and all that follows accounts, from history.',
      ),
    computed_at: time,
  }),
  report,
);

export type CompareAnswer = z.infer<typeof compareAnswer>;
