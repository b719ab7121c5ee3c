import { z } from 'zod';

const strings = z.record(z.string(), z.string());

const member = z.object({
  unit: z.string(),
  ids: strings,
  at: z.string().nullable(),
  dimensions: strings,
  counted: z.boolean(),
  counts: z.array(
    z.object({
      component: z.string(),
      roles: z.array(z.string()),
      weight: z.int(),
      dimensions: strings,
      counts_from: z.string().nullable(),
      counts_until: z.string().nullable(),
    }),
  ),
  reason: z
    .object({
      code: z.string(),
      text: z.string(),
      counts_from: z.string().nullable(),
      counts_until: z.string().nullable(),
    })
    .nullable(),
});

export type ListedMember = z.infer<typeof member>;

/** Answer of `GET /v1/kpis/{id}/members`. */
export const membersAnswer = z.object({
  kpi_id: z.string(),
  definition_version: z.int(),
  window: z.object({ kind: z.string(), from: z.string(), to: z.string() }),
  as_of: z.string(),
  by: z.array(z.string()),
  filter: z.record(z.string(), z.array(z.string())),
  withheld: z.boolean(),
  members: z.array(member),
  next: z.string().nullable(),
});

export type MembersPage = z.infer<typeof membersAnswer>;
