import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import {
  type Span,
  contains,
  cutTime,
  inWindow,
  intersect,
  isEmpty,
  spanAt,
  spansWithin,
  subtract,
  union,
} from './span.ts';

const END = 30;

function spans(): fc.Arbitrary<Span> {
  return fc.tuple(fc.nat({ max: END }), fc.nat({ max: END })).map(([from, to]) => ({ from, to }));
}

/** Spans of which each begins where the one before ends, the last one perhaps without an end. */
function successions(): fc.Arbitrary<readonly Span[]> {
  return fc
    .tuple(fc.uniqueArray(fc.nat({ max: END }), { minLength: 1, maxLength: 6 }), fc.boolean())
    .map(([drawn, isOpen]) => {
      const edges = [...drawn.toSorted((a, b) => a - b), ...(isOpen ? [Infinity] : [])];
      return edges.slice(1).map((to, index) => ({ from: edges[index] ?? 0, to }));
    });
}

/** The instants of a few spans, found by asking each. */
function instantsOf(all: readonly Span[]): readonly number[] {
  return Array.from({ length: END + 1 }, (_, at) => at).filter((at) =>
    all.some((span) => contains(span, at)),
  );
}

test('a span holds its beginning and not its end', () => {
  expect([1, 2, 3].map((at) => contains({ from: 1, to: 3 }, at))).toEqual([true, true, false]);
  expect(isEmpty({ from: 3, to: 3 })).toBe(true);
});

test('the intersection holds what both hold', () => {
  fc.assert(
    fc.property(spans(), spans(), (a, b) => {
      const both = instantsOf([a]).filter((at) => contains(b, at));
      expect(instantsOf([intersect(a, b)])).toEqual(both);
    }),
  );
});

test('the union holds the same instants in ascending spans that do not touch', () => {
  fc.assert(
    fc.property(fc.array(spans(), { maxLength: 6 }), (all) => {
      const united = union(all);
      expect(instantsOf(united)).toEqual(instantsOf(all));
      for (const [index, span] of united.entries())
        expect(span.from).toBeGreaterThan(united[index - 1]?.to ?? -Infinity);
    }),
  );
});

test('what is subtracted is in no hole, and nothing else is lost', () => {
  fc.assert(
    fc.property(spans(), fc.array(spans(), { maxLength: 5 }), (span, holes) => {
      const outside = instantsOf([span]).filter((at) => !instantsOf(holes).includes(at));
      expect(instantsOf(subtract(span, union(holes)))).toEqual(outside);
    }),
  );
});

describe('an event in the window [t - shift - W, t - shift)', () => {
  const windowMs = 10;
  const shiftMs = 5;

  test('counts at exactly the as-of times whose window holds it', () => {
    for (const at of [0, 1, 7]) {
      const counted = inWindow(at, windowMs, shiftMs);
      for (let t = 0; t <= END; t += 1) {
        const end = t - shiftMs;
        expect(contains(counted, t)).toBe(end - windowMs <= at && at < end);
      }
    }
  });
});

test('of disjoint spans the one at an instant, and those within a stretch, are found as by asking each', () => {
  fc.assert(
    fc.property(
      fc.array(spans(), { maxLength: 6 }),
      spans(),
      fc.nat({ max: END }),
      (all, stretch, at) => {
        const disjoint = union(all);
        expect(spanAt(disjoint, at)).toBe(disjoint.find((span) => contains(span, at)));
        expect(spansWithin(disjoint, stretch)).toEqual(
          disjoint.filter((span) => !isEmpty(intersect(span, stretch))),
        );
      },
    ),
  );
});

test('the time axis is cut without gaps, and between two cuts the same spans are open', () => {
  fc.assert(
    fc.property(fc.oneof(fc.array(spans(), { maxLength: 6 }), successions()), (drawn) => {
      const all = drawn.filter((span) => !isEmpty(span));
      const cuts = cutTime(all);
      expect(cuts[0]?.from).toBe(-Infinity);
      expect(cuts.at(-1)?.to).toBe(Infinity);
      for (const [index, cut] of cuts.entries()) {
        expect(isEmpty(cut)).toBe(false);
        expect(cut.from).toBe(index === 0 ? -Infinity : cuts[index - 1]?.to);
        const isInside = (span: Span): boolean => span.from <= cut.from && cut.to <= span.to;
        expect(new Set(cut.open)).toEqual(new Set(all.filter(isInside)));
        expect(cut.open).toHaveLength(all.filter(isInside).length);
      }
    }),
  );
});
