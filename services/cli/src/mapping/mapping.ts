import { z } from 'zod';

import { condition } from './condition.ts';
import { template } from './template.ts';
import { value } from './value.ts';

/** Names within a mapping: of lookups and computed values. */
const name = z.string().regex(/^[a-z][a-z0-9_]*$/, 'must be lower_case letters, digits and _');

const columns = z.array(z.string().min(1)).min(1);

const fileName = z
  .string()
  .min(1)
  .refine((text) => !text.includes('/'), { message: 'is a file name or pattern, not a path' });

/** How a file is read; the same for rows and for lookups. */
const FILE = {
  file: fileName,
  format: z.enum(['csv', 'ndjson']).optional(),
  delimiter: z.string().length(1).optional(),
  columns: columns.optional(),
  empty: z.array(z.string()).default([]),
};

const lookup = z.strictObject({ ...FILE, key: columns });

const join = z.strictObject({
  lookup: name,
  as: name.optional(),
  on: z.record(z.string(), z.string()).optional(),
  optional: z.boolean().default(false),
});

const fields = z.record(z.string().min(1), value).default({});

const eventType = z
  .string()
  .regex(/^[a-z]+\.[a-z_]+$/, 'must be an event type such as lms.course_enrolled');

const eventRule = z.strictObject({
  type: eventType,
  when: condition.optional(),
  id: value,
  occurred_at: value,
  account_id: value.optional(),
  user_id: value.optional(),
  anonymous_id: value.optional(),
  retracts: value.optional(),
  source_version: value.optional(),
  external_ids: fields,
  properties: fields,
  attributes: fields,
});

const skipRule = z.strictObject({ when: condition, because: template });

const input = z.strictObject({
  ...FILE,
  join: z.array(join).default([]),
  let: z.record(name, value).default({}),
  skip: z.array(skipRule).default([]),
  events: z.array(eventRule).min(1),
});

/** Zod schema of a whole mapping file; services/cli/MAPPING.md explains each key. */
export const mappingSchema = z
  .strictObject({
    version: z.literal(1, 'must be 1'),
    source: z.string().regex(/^[a-z0-9][a-z0-9._-]{0,62}$/, 'must be a short lower-case name'),
    pii_class: z.enum(['none', 'pseudonymous', 'personal']).optional(),
    lookups: z.record(name, lookup).default({}),
    inputs: z.array(input).min(1),
  })
  .superRefine((mapping, context) => {
    for (const [index, { join: joins }] of mapping.inputs.entries()) {
      for (const [position, each] of joins.entries()) {
        const path = ['inputs', index, 'join', position];
        for (const problem of joinProblems(each, mapping.lookups[each.lookup]?.key)) {
          context.addIssue({ code: 'custom', path: [...path, problem.key], message: problem.text });
        }
      }
    }
  });

interface JoinProblem {
  readonly key: 'lookup' | 'on';
  readonly text: string;
}

function joinProblems(
  given: z.infer<typeof join>,
  key: readonly string[] | undefined,
): readonly JoinProblem[] {
  if (key === undefined) return [{ key: 'lookup', text: `no lookup is named ${given.lookup}` }];
  if (given.on === undefined) return [];
  const named = Object.keys(given.on).toSorted().join(', ');
  const wanted = key.toSorted().join(', ');
  if (named === wanted) return [];
  return [{ key: 'on', text: `must name the lookup's key (${wanted}), each with a column` }];
}

export type Mapping = z.infer<typeof mappingSchema>;
export type Input = Mapping['inputs'][number];
export type Lookup = z.infer<typeof lookup>;
export type Join = z.infer<typeof join>;
export type EventRule = z.infer<typeof eventRule>;
/** What {@link Input} and {@link Lookup} share. */
export type FileOptions = Pick<Lookup, 'file' | 'format' | 'delimiter' | 'columns' | 'empty'>;

/** The name under which a join's columns are addressed, `courses.length`. */
export function joinAlias(given: Join): string {
  return given.as ?? given.lookup;
}
