import { useMemo } from 'preact/hooks';

import type { Entry, GroupedValues, KpiValue } from './answers.ts';
import { HISTORY_DEADLINE_MS } from './client.ts';
import type { LiveValues } from './live-values.ts';
import { recordedPaths, recordedValues } from './recorded.ts';
import { useAnswers } from './use-answer.ts';

/** History answers from what is kept every minute. */
const RECORDED_MS = 60_000;

/** Values of KPIs that are served from history; undefined until they were read. */
export function useRecorded(
  kpis: readonly Entry[],
  selection: { readonly window: string; readonly split: string },
): LiveValues | undefined {
  const paths = useMemo(() => recordedPaths(kpis, selection), [kpis, selection]);
  const { answer } = useAnswers<KpiValue | GroupedValues>(paths, {
    everyMs: RECORDED_MS,
    deadlineMs: HISTORY_DEADLINE_MS,
  });
  return useMemo(() => (answer === undefined ? undefined : recordedValues(answer)), [answer]);
}
