import type { Draft } from './draft.ts';

/** Drafts that become known at `from`; none of them, and none of any later batch, is sent before `from`. */
export interface DraftBatch {
  readonly from: number;
  readonly drafts: readonly Draft[];
}

/** Orders two drafts by sending time, ties by id, so that the order never depends on how they were made. */
export function bySending(a: Draft, b: Draft): number {
  return a.sendAt - b.sendAt || (a.id < b.id ? -1 : Number(a.id > b.id));
}

/** The drafts of all batches in order of sending, with no more than what is still pending in memory. */
export function* inOrder(batches: Iterable<DraftBatch>): Generator<Draft> {
  let pending: readonly Draft[] = [];
  for (const { from, drafts } of batches) {
    const due = pending.findIndex((event) => event.sendAt >= from);
    yield* due === -1 ? pending : pending.slice(0, due);
    const waiting = due === -1 ? [] : pending.slice(due);
    pending = [...waiting, ...drafts].toSorted(bySending);
  }
  yield* pending;
}

/** An ordered stream that has nothing before `from`. */
export interface DraftStream {
  readonly from: number;
  readonly drafts: Iterator<Draft>;
}

interface Head {
  readonly draft: Draft;
  readonly rest: Iterator<Draft>;
}

/** Merge ordered streams into one; `streams` come in order of `from` and are opened only when the time has come. */
export function* mergeStreams(streams: Iterable<DraftStream>): Generator<Draft> {
  const heads: Head[] = [];
  const waiting = streams[Symbol.iterator]();
  let upcoming = waiting.next();
  for (;;) {
    const first = heads[0];
    if (
      upcoming.done !== true &&
      (first === undefined || upcoming.value.from <= first.draft.sendAt)
    ) {
      open(heads, upcoming.value.drafts);
      upcoming = waiting.next();
      continue;
    }
    if (first === undefined) return;
    yield first.draft;
    advance(heads, first.rest);
  }
}

function open(heads: Head[], rest: Iterator<Draft>): void {
  const first = rest.next();
  if (first.done === true) return;
  const head = { draft: first.value, rest };
  heads.push(head);
  let index = heads.length - 1;
  while (index > 0) {
    const parent = (index - 1) >> 1;
    const above = heads[parent];
    if (above === undefined || bySending(above.draft, head.draft) <= 0) break;
    heads[index] = above;
    index = parent;
  }
  heads[index] = head;
}

/** Replace the head just taken by the next of its stream, or by the last head when the stream has ended. */
function advance(heads: Head[], rest: Iterator<Draft>): void {
  const next = rest.next();
  const moved = next.done === true ? heads.pop() : { draft: next.value, rest };
  if (moved === undefined || heads.length === 0) return;
  let index = 0;
  for (;;) {
    const child = smallerChild(heads, index);
    const below = heads[child];
    if (below === undefined || bySending(moved.draft, below.draft) <= 0) break;
    heads[index] = below;
    index = child;
  }
  heads[index] = moved;
}

function smallerChild(heads: readonly Head[], index: number): number {
  const [left, right] = [heads[2 * index + 1], heads[2 * index + 2]];
  const isRight =
    left !== undefined && right !== undefined && bySending(right.draft, left.draft) < 0;
  return 2 * index + (isRight ? 2 : 1);
}
