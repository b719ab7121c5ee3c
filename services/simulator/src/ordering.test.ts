import * as fc from 'fast-check';
import { expect, test } from 'vitest';

import { type Draft, draft } from './draft.ts';
import { type DraftBatch, type DraftStream, bySending, inOrder, mergeStreams } from './ordering.ts';

/** A stream as offsets: where it begins after the one before, and the gaps between its drafts. */
const streams = fc.array(
  fc.record({
    startsAfter: fc.nat(20),
    gaps: fc.array(fc.nat(10), { maxLength: 30 }),
  }),
  { maxLength: 30 },
);

function note(id: string, at: number): Draft {
  return draft({ id, type: 'account.created', source: 'app', at, properties: {} });
}

function build(
  drawn: typeof streams extends fc.Arbitrary<infer Drawn> ? Drawn : never,
): readonly DraftBatch[] {
  let from = 0;
  return drawn.map(({ startsAfter, gaps }, number) => {
    from += startsAfter;
    let at = from;
    const drafts = gaps.map((gap, index) => {
      at += gap;
      return note(`${number}-${index}`, at);
    });
    return { from, drafts };
  });
}

function sorted(batches: readonly DraftBatch[]): readonly Draft[] {
  return batches.flatMap(({ drafts }) => drafts).toSorted(bySending);
}

test('merging ordered streams is sorting all of their drafts', () => {
  fc.assert(
    fc.property(streams, (drawn) => {
      const batches = build(drawn);
      const merged = mergeStreams(
        batches.map(({ from, drafts }): DraftStream => ({
          from,
          drafts: drafts.toSorted(bySending)[Symbol.iterator](),
        })),
      );
      expect([...merged]).toEqual(sorted(batches));
    }),
  );
});

test('batches in any inner order come out sorted', () => {
  fc.assert(
    fc.property(streams, (drawn) => {
      const batches = build(drawn);
      const reversed = batches.map(({ from, drafts }) => ({ from, drafts: drafts.toReversed() }));
      expect([...inOrder(reversed)].map(({ sendAt }) => sendAt)).toEqual(
        sorted(batches).map(({ sendAt }) => sendAt),
      );
    }),
  );
});

test('a stream is opened only when its time has come', () => {
  const opened: number[] = [];
  function* endless(): Generator<DraftStream> {
    for (let from = 0; ; from += 10) {
      opened.push(from);
      yield { from, drafts: [note(`${from}`, from + 3)].values() };
    }
  }
  const merged = mergeStreams(endless());
  expect([merged.next().value?.at, merged.next().value?.at]).toEqual([3, 13]);
  expect(opened).toEqual([0, 10, 20]);
});
