import type { LetterSummary } from '@kpi/kafka';

interface LetterReason {
  readonly reason: string;
  readonly count: number;
  /** Sources that sent such events, as far as they are known. */
  readonly sources: string[];
}

/** Letters counted by their reason, the commonest first. */
export function lettersByReason(
  letters: readonly Pick<LetterSummary, 'reason' | 'source'>[],
): LetterReason[] {
  return [...Map.groupBy(letters, ({ reason }) => reason)]
    .map(([reason, all]) => ({
      reason,
      count: all.length,
      sources: [...new Set(all.flatMap(({ source }) => source ?? []))].toSorted((a, b) =>
        a.localeCompare(b),
      ),
    }))
    .toSorted((a, b) => b.count - a.count || a.reason.localeCompare(b.reason));
}
