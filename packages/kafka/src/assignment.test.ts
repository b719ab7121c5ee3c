import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { assignPartitions, type Member } from './assignment.ts';

const members = fc.uniqueArray(
  fc.record({
    id: fc.string({ minLength: 1 }),
    owned: fc.uniqueArray(fc.integer({ min: 0, max: 40 })),
  }),
  { selector: ({ id }) => id, minLength: 1, maxLength: 8 },
);
const count = fc.integer({ min: 0, max: 32 });

/** The same members after they took over what they were assigned. */
function settled(group: readonly Member[], partitions: number): readonly Member[] {
  const shares = assignPartitions(group, partitions);
  return group.map(({ id }) => ({ id, owned: shares.get(id) ?? [] }));
}

function moved(before: readonly Member[], after: ReadonlyMap<string, readonly number[]>): number {
  return before.reduce(
    (sum, { id, owned }) => sum + owned.filter((p) => !(after.get(id) ?? []).includes(p)).length,
    0,
  );
}

describe('sharing partitions', () => {
  test('gives each to exactly one member, in shares that differ by at most one', () => {
    fc.assert(
      fc.property(members, count, (group, partitions) => {
        const shares = [...assignPartitions(group, partitions).values()];
        expect(shares.flat().toSorted((a, b) => a - b)).toEqual(
          Array.from({ length: partitions }, (_, partition) => partition),
        );
        const sizes = shares.map(({ length }) => length);
        expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1);
      }),
    );
  });

  test('does not depend on the order of members', () => {
    fc.assert(
      fc.property(members, count, (group, partitions) => {
        expect(assignPartitions(group.toReversed(), partitions)).toEqual(
          assignPartitions(group, partitions),
        );
      }),
    );
  });

  test('moves nothing when nothing changed', () => {
    fc.assert(
      fc.property(members, count, (group, partitions) => {
        const before = settled(group, partitions);
        expect(moved(before, assignPartitions(before, partitions))).toBe(0);
      }),
    );
  });

  test('moves no more than the share of a member that joins', () => {
    fc.assert(
      fc.property(members, count, (group, partitions) => {
        const before = settled(group, partitions);
        const joined = [...before, { id: `${before.map(({ id }) => id).join('')}+`, owned: [] }];
        const share = Math.ceil(partitions / joined.length);
        expect(moved(before, assignPartitions(joined, partitions))).toBeLessThanOrEqual(share);
      }),
    );
  });
});
