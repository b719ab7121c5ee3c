import { type AccountPiece, type AccountState } from './account.ts';
import { type CountingInterval } from './kpi.ts';
import { counting } from './measure.ts';
import { ALWAYS, type Span, intersect, isEmpty, spansWithin } from './span.ts';

/** A stretch of constant plan within an active stretch, by the as-of times at which it lies at the start of the window. */
export interface StartPiece {
  readonly at: Span;
  readonly piece: AccountPiece;
}

/** The as-of times at which a member of the start-of-window set counts, given the active stretch it was in at t - W. */
export type StartCondition = (state: AccountState) => (active: Span) => readonly Span[];

export const anyTime: StartCondition = () => () => [ALWAYS];

/** After the churn that ended the stretch the account was in at t - W. */
export const churnedSince: StartCondition = () => (active) =>
  active.to === Infinity ? [] : [{ from: active.to + 1, to: Infinity }];

/** As-of times at which a stretch of the account's life lies at the start of the window: it holds "at t - W". */
export function atStart(span: Span, windowMs: number): Span {
  return { from: span.from + windowMs, to: span.to + windowMs };
}

/** The parts of the start-of-window set (accounts active at t - W) during which the condition holds. */
export function startParts(
  state: AccountState,
  windowMs: number,
  condition: StartCondition = anyTime,
): readonly StartPiece[] {
  const parts: StartPiece[] = [];
  const spansOf = condition(state);
  for (const active of state.active) {
    const spans = spansOf(active);
    if (spans.length === 0) continue;
    for (const piece of spansWithin(state.pieces, active)) {
      const held = intersect(active, piece);
      for (const span of spans) {
        const at = intersect(atStart(held, windowMs), span);
        if (!isEmpty(at)) parts.push({ at, piece });
      }
    }
  }
  return parts;
}

interface Counted {
  readonly windowMs: number;
  /** As-of time before which it does not count; Infinity: never. */
  readonly since: number;
  /** When it counts; not asked where it never does. */
  readonly spansOf: () => readonly Span[];
}

/** What an account counts as that was active at t - W, with its plan then. */
export function startIntervals(
  state: AccountState,
  { windowMs, since, spansOf }: Counted,
): readonly CountingInterval[] {
  if (since === Infinity) return [];
  const allowed = spansOf().map((span) => intersect(span, { from: since, to: Infinity }));
  return startParts(state, windowMs, () => () => allowed).flatMap(({ at, piece }) =>
    counting(at, { plan: piece.plan }),
  );
}
