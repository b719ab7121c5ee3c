import { Fault } from '@kpi/core';

/**
 * Throws `topic_mismatch` when a partition was filled from other topics than these: they were changed for others with another
 * number of partitions, and its keys are not those that these topics have there.
 */
export function requireOwnTopics(
  positions: ReadonlyMap<string, number>,
  topics: readonly string[],
): void {
  const foreign = [...positions.keys()].filter((topic) => !topics.includes(topic));
  if (foreign.length === 0) return;
  throw new Fault(
    'topic_mismatch',
    `the live store was filled from ${foreign.join(', ')}: this process has settings of before or after a change of topics; kpi rebuild after a change`,
  );
}
