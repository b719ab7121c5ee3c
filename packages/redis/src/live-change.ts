import { Fault } from '@kpi/core';
import { z } from 'zod';

const pairs = <Value extends z.ZodType>(value: Value) => z.array(z.tuple([z.string(), value]));

/** A batch has thousands of them, so they are one flat list: series number, boundary and weight of each. */
const deltas = z.custom<readonly number[]>(
  (value) => Array.isArray(value) && value.length % 3 === 0 && value.every(Number.isSafeInteger),
);

/** What a batch changed, as readers follow it. */
const liveChange = z.object({
  topic: z.string(),
  next: z.number(),
  arrivedAt: z.number().optional(),
  series: pairs(z.string()),
  deltas,
  sources: pairs(z.number()),
  statements: pairs(z.string()),
  counts: pairs(z.number()),
});
export type LiveChange = z.infer<typeof liveChange>;

/** One entry of the changes of a partition. */
export interface NumberedChange {
  /** 1 for the first batch of a partition, without gaps. */
  readonly sequence: number;
  readonly change: LiveChange;
}

/** Reads entries of the stream. Throws `store_corrupt` on anything that apply-batch.lua does not write. */
export function parseChanges(entries: unknown): readonly NumberedChange[] {
  const parsed = z.array(z.tuple([z.string(), z.array(z.string())])).safeParse(entries);
  if (!parsed.success)
    throw new Fault('store_corrupt', 'changes are not a list of entries', { cause: parsed.error });
  return parsed.data.map(([id, [, text = '']]) => {
    const change = liveChange.safeParse(JSON.parse(text));
    if (!change.success)
      throw new Fault('store_corrupt', 'a change has another shape', { cause: change.error });
    return { sequence: Number(id.split('-', 1)[0]), change: change.data };
  });
}
