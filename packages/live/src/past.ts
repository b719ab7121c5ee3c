import { type EventType, Fault } from '@kpi/core';
import { type LogRanges } from '@kpi/kafka';

import { type DecodedBatch } from './partition-worker.ts';

/** Where the log of a topic begins in a partition. */
export interface LogStart {
  readonly topic: string;
  readonly partition: number;
  readonly start: number;
}

/** Where a rebuild has what lies before the part of the log that it reads. */
export interface PastSource {
  /**
   * Throws `offset_lost` or `history_incomplete` when what it has and the log together are not everything, before anything was
   * changed.
   */
  open(starts: readonly LogStart[]): Promise<Past>;
}

/** What lies before the part of the log that a rebuild reads. */
export interface Past {
  /** How many records that are. */
  readonly records: number;
  /**
   * Give what the partition has not applied yet, each batch when the one before it was applied; afterwards the log goes on at
   * the offset after the last. Repeats what fails for a reason that passes.
   */
  give(partition: number, taker: PastTaker): Promise<void>;
}

export interface PastTaker {
  /** Next offset that was not applied yet, by topic. */
  readonly positions: () => ReadonlyMap<string, number>;
  /** Types of events that are to be given. */
  readonly types: ReadonlySet<EventType>;
  readonly apply: (batch: DecodedBatch) => Promise<void>;
  readonly signal: AbortSignal;
}

/** Nothing lies before the log: it begins at its beginning. */
export const NO_PAST: PastSource = {
  open: (starts) => {
    const cut = starts.find(({ start }) => start > 0);
    if (cut === undefined) return Promise.resolve({ records: 0, give: () => Promise.resolve() });
    const { topic, partition, start } = cut;
    return Promise.reject(
      new Fault(
        'offset_lost',
        `the log of topic ${topic} begins at ${start} in partition ${partition}: what was before is in history only; kpi rebuild --from clickhouse`,
      ),
    );
  },
};

/** Where the logs of all topics begin. Throws `broker_unreachable`. */
export async function readLogStarts(
  ranges: Pick<LogRanges, 'read'>,
  topics: readonly string[],
): Promise<readonly LogStart[]> {
  const found: LogStart[] = [];
  for (const topic of topics)
    for (const [partition, { start }] of await ranges.read(topic))
      found.push({ topic, partition, start });
  return found;
}
