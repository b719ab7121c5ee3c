import { KPI_UNITS } from '@kpi/core';
import { z } from 'zod';

import { envelope, selection } from '../schemas.ts';
import type { ComparedGroups } from './groups.ts';

const text = z.string().optional();

/** Query of a comparison of two groups of a KPI. */
export const groupsParameters = z
  .object({
    ...selection,
    by: text.describe(
      'The dimension whose values are compared. `trained` where the KPI has it, and for `customer_churn_rate` by status at the start of the window.',
    ),
    of: z
      .union([z.string(), z.array(z.string())])
      .optional()
      .describe(
        'The two values, comma-separated: `pro,free`. Of `trained` by default `true,false`.',
      ),
    as_of: text.describe('End of the window, RFC 3339; by default that of the current value.'),
  })
  .catchall(z.union([z.string(), z.array(z.string())]));

const interval = z
  .object({ level: z.number(), low: z.number(), high: z.number().nullable(), method: z.string() })
  .nullable();

const group = z.object({ group: z.string(), value: envelope });

export const groupsAnswer: z.ZodType<GroupsAnswer> = z.object({
  kpi_id: z.string(),
  by: z.string(),
  groups: z.tuple([group, group]),
  difference: z
    .object({
      difference: z
        .number()
        .nullable()
        .describe('First less second: shares in percentage points, all else in the unit.'),
      unit: z.enum(['percentage_points', ...KPI_UNITS]).exclude(['ratio']),
      ci: interval,
      ratio: z
        .object({ value: z.number(), ci: interval })
        .nullable()
        .describe('First over second, of rates.'),
      p_value: z
        .number()
        .nullable()
        .describe('Log-rank of survival curves, of the ratio of rates.'),
      notes: z.array(z.string()),
    })
    .describe('An association: units were not assigned to groups by lot.'),
  summary: z.string(),
});

export type GroupsAnswer = ComparedGroups & { readonly kpi_id: string };
