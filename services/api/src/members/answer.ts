import { type Kpi, MEMBER_KINDS, type Member, type MemberCount, REASONS, ROLES } from '@kpi/core';
import { z } from 'zod';

const time = z.iso.datetime();

const count = z.object({
  component: z
    .string()
    .describe('A measure of the KPI, `spend`, or a step of a survival curve such as `event@<ms>`.'),
  roles: z
    .array(z.enum(ROLES))
    .describe('What the component is to the value. A component may be several, or none.'),
  weight: z.int().describe('Units, ms of person-time, or minor units of `currency`.'),
  dimensions: z
    .record(z.string(), z.string())
    .describe('Of what counts once only those of `by`; of money also `currency` and UTC `day`.'),
  counts_from: time.nullable(),
  counts_until: time.nullable(),
});

const reason = z.object({
  code: z.string().describe(`Stable: one of ${Object.keys(REASONS).join(', ')}.`),
  text: z.string().describe('The same for people; may change.'),
  counts_from: time.nullable().describe('Next as-of time from which it counts in the value.'),
  counts_until: time.nullable().describe('As-of time until which it last did.'),
});

const member = z.object({
  unit: z.enum(MEMBER_KINDS),
  ids: z
    .record(z.string(), z.string())
    .describe('`account_id`, `user_id`, `course_id`, `ticket_id` and so on, as the unit has.'),
  at: time.nullable().describe('When it began or happened: enrolment, ticket, answer, movement.'),
  dimensions: z.record(z.string(), z.string()),
  counted: z.boolean().describe('Whether it is in the numerator, the denominator or n.'),
  counts: z.array(count),
  reason: reason.nullable().describe('Why not, or why only in the denominator.'),
});

export const membersAnswer = z.object({
  kpi_id: z.string(),
  definition_version: z.int(),
  window: z.object({ kind: z.literal('rolling'), from: time, to: time }),
  as_of: time.describe('Person-time ends here.'),
  by: z.array(z.string()),
  filter: z.record(z.string(), z.array(z.string())),
  withheld: z
    .boolean()
    .describe('Whether too few units are behind the value to tell who they are.'),
  members: z.array(member),
  next: z.string().nullable().describe('`after` of the next page; null after the last.'),
});

export type MembersAnswer = z.infer<typeof membersAnswer>;

/** A member as the API tells it. */
export function describeMember(kpi: Kpi, told: Member): MembersAnswer['members'][number] {
  const { kind, ids, at, dimensions, isCounted, counts, reason: why } = told;
  return {
    unit: kind,
    ids,
    at: instant(at),
    dimensions,
    counted: isCounted,
    counts: counts.map((one) => describeCount(kpi, one)),
    reason:
      why === null
        ? null
        : {
            code: why.code,
            text: REASONS[why.code],
            counts_from: instant(why.countsFrom),
            counts_until: instant(why.countsUntil),
          },
  };
}

/** Hidden dimensions without a value say nothing: a count has no currency. */
function describeCount(
  { hidden }: Kpi,
  { component, roles, weight, dimensions, counts }: MemberCount,
): MembersAnswer['members'][number]['counts'][number] {
  const said = Object.entries(dimensions).filter(
    ([name, value]) => value !== '' || !hidden.includes(name),
  );
  return {
    component,
    roles: [...roles],
    weight,
    dimensions: Object.fromEntries(said),
    counts_from: instant(counts.from),
    counts_until: instant(counts.to),
  };
}

/** The last instant that a time of four-digit years can tell. */
const LAST_MS = Date.parse('9999-12-31T23:59:59.999Z');

/** RFC 3339; null where there is no such instant. */
function instant(at: number | null): string | null {
  return at === null || Math.abs(at) > LAST_MS ? null : new Date(at).toISOString();
}
