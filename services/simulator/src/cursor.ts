import type { Draft } from './draft.ts';

/** Reads an ordered stream of drafts up to an instant at a time. */
export interface Cursor {
  /** Up to `countMax` drafts reported before `until`, in order; fewer only when there are no more before it. */
  take(until: number, countMax: number): readonly Draft[];
}

export function createCursor(drafts: Iterator<Draft>): Cursor {
  let next = drafts.next();
  return {
    take: (until, countMax) => {
      const taken: Draft[] = [];
      while (taken.length < countMax && next.done !== true && next.value.sendAt < until) {
        taken.push(next.value);
        next = drafts.next();
      }
      return taken;
    },
  };
}

const SKIP_AT_ONCE = 1_000;

/** Leave out what was reported before `until`, letting other work run in between. */
export async function skip(cursor: Cursor, until: number, signal: AbortSignal): Promise<void> {
  while (!signal.aborted && cursor.take(until, SKIP_AT_ONCE).length === SKIP_AT_ONCE) {
    await new Promise((resolve) => {
      setImmediate(resolve);
    });
  }
}
