import { DEFAULT_DEFINITIONS, HOUR_MS, type KpiEvent, MINUTE_MS, bucketEnd, days } from '@kpi/core';
import { type LiveView } from '@kpi/redis';
import { pause } from '@kpi/runtime';

import { event } from './event.ts';

/** `count` satisfied answers, each of a person nobody else speaks of; numbered from `first`. */
export function answersFrom(first: number, count: number, tenantId = 'acme'): readonly KpiEvent[] {
  return Array.from({ length: count }, (_, index) =>
    event('survey.response_submitted', {
      event_id: `answer-${first + index}`,
      occurred_at: Date.now() - MINUTE_MS,
      tenant_id: tenantId,
      user_id: `answerer-${first + index}`,
      score: 5,
    }),
  );
}

/** Answers that a reader counts now. */
export function countedAnswers(view: LiveView, tenantId = 'acme'): number {
  const [row] = view.read({
    tenantId,
    kpiId: 'csat_score',
    windowMs: days(28),
    asOf: [bucketEnd(Date.now(), HOUR_MS)],
    by: [],
    filter: { context: ['general'] },
    definitions: DEFAULT_DEFINITIONS,
  });
  return Number(row?.components['responses'] ?? 0n);
}

const READ_EVERY_MS = 5;

/** What a reader counts while something is done under load: every few ms a number, from before the first to after the last. */
export async function countedWhile<Result>(
  view: LiveView,
  { load, work }: { readonly load: () => Promise<void>; readonly work: () => Promise<Result> },
): Promise<{ readonly seen: readonly number[]; readonly result: Result }> {
  const seen: number[] = [];
  const done = new AbortController();
  const whileNotDone = async (step: () => Promise<void>): Promise<void> => {
    while (!done.signal.aborted) await step();
  };
  const going = [
    whileNotDone(async () => {
      seen.push(countedAnswers(view));
      await pause(READ_EVERY_MS);
    }),
    whileNotDone(load),
  ];
  const result = await work().finally(() => done.abort());
  await Promise.all(going);
  return { seen, result };
}
