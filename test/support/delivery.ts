import * as fc from 'fast-check';

import { type LoggedEvent } from './core-engine.ts';

/** How a log reaches an engine: in any order, parts of it again, in batches of any size. */
export interface Delivery {
  readonly order: readonly number[];
  readonly repeated: readonly number[];
  readonly batchSizes: readonly number[];
}

const BATCH_EVENTS_MAX = 12;

export function deliveries(): fc.Arbitrary<Delivery> {
  const number = fc.nat({ max: 9_999 });
  return fc.record({
    order: fc.array(number, { minLength: 1, maxLength: 20 }),
    repeated: fc.array(number, { maxLength: 8 }),
    batchSizes: fc.array(fc.integer({ min: 1, max: BATCH_EVENTS_MAX }), {
      minLength: 1,
      maxLength: 5,
    }),
  });
}

/** The log as delivered; every event keeps its place in the log. */
export function batchesOf(
  log: readonly LoggedEvent[],
  { order, repeated, batchSizes }: Delivery,
): readonly (readonly LoggedEvent[])[] {
  const again = repeated.flatMap((pick) => log[pick % Math.max(1, log.length)] ?? []);
  const shuffled = [...log, ...again]
    .map((one, index) => ({ one, place: ((order[index % order.length] ?? 0) * (index + 1)) % 997 }))
    .toSorted((a, b) => a.place - b.place)
    .map(({ one }) => one);
  const batches: (readonly LoggedEvent[])[] = [];
  for (let from = 0; from < shuffled.length; from += batches.at(-1)?.length ?? 1)
    batches.push(
      shuffled.slice(from, from + (batchSizes[batches.length % batchSizes.length] ?? 1)),
    );
  return batches;
}
