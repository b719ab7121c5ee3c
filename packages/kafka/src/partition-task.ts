import { type LogBatch } from './log-batch.ts';

/** The work on partition p of all topics, and the only place where its positions are kept. */
export interface PartitionTask {
  /** Next offset by topic when the task was opened; a topic that is missing is read from the start of its log. */
  readonly positions: ReadonlyMap<string, number>;
  /**
   * Apply one stretch and its new position, together or not at all. Never called twice at the same time; called again with
   * the same stretch after a retryable Fault. A Fault `ownership_lost` ends the task; after
   * `store_set_back` the partition is opened anew and read from where the store stands.
   */
  apply(batch: LogBatch): Promise<void>;
  /** Asked when nothing came for a while: rejects as {@link apply} does when the store is not where this task left it. */
  confirm?(): Promise<void>;
  close(): Promise<void>;
}
