import { type CanonicalEvent, toCanonicalEvent } from './canonical-event.ts';
import { companyDrafts } from './company.ts';
import type { Draft } from './draft.ts';
import { mergeStreams } from './ordering.ts';
import { treasuryDrafts } from './treasury.ts';

export interface History {
  readonly seed: string;
  /** When the company began, ms. */
  readonly from: number;
  /** Where history ends and live events begin, ms. */
  readonly to: number;
  /** Only what is reported at or after this instant, ms; everything when absent. */
  readonly after?: number;
}

/** All that is reported before `to`, in order of reporting: mostly the order of occurrence, late events and repetitions later. */
export function* historyDrafts(history: History): Generator<Draft> {
  const { seed, from, to, after = -Infinity } = history;
  const all = mergeStreams([
    { from: -Infinity, drafts: treasuryDrafts(seed, from) },
    { from, drafts: companyDrafts({ seed, from, toldFullyFrom: to }) },
  ]);
  for (const draft of all) {
    if (draft.sendAt >= to) return;
    if (draft.sendAt >= after) yield draft;
  }
}

/** The history of the demo company as canonical JSON events. The same options always give the same events. */
export function* simulateHistory(history: History): Generator<CanonicalEvent> {
  for (const draft of historyDrafts(history)) yield toCanonicalEvent(draft, []);
}
