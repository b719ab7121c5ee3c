import { Fault } from '@kpi/core';

import { type LogBatch } from './log-batch.ts';
import { type PartitionTask } from './partition-task.ts';

/** What the tasks of a test did, as a store would keep it: fenced by an epoch per partition, positions with the values. */
export class TestStore {
  /** Values in the order of application, by `topic/partition`. */
  readonly values = new Map<string, string[]>();
  readonly positions = new Map<number, Map<string, number>>();
  readonly #epochs = new Map<number, number>();
  /** Called before each stretch is applied; may wait or throw. */
  beforeApply: (batch: LogBatch) => Promise<void> = () => Promise.resolve();
  /** Called when a task is asked whether the store is where it left it. */
  beforeConfirm: (partition: number) => Promise<void> = () => Promise.resolve();
  opened = 0;
  closed = 0;
  fenced = 0;

  get count(): number {
    return [...this.values.values()].reduce((sum, values) => sum + values.length, 0);
  }

  /** A new owner of the partition: the one before can no longer apply. */
  open = (partition: number): Promise<PartitionTask> => {
    this.opened += 1;
    const epoch = (this.#epochs.get(partition) ?? 0) + 1;
    this.#epochs.set(partition, epoch);
    let isBusy = false;
    return Promise.resolve({
      positions: new Map(this.positions.get(partition)),
      apply: async (batch) => {
        if (isBusy) throw new Error('two stretches at the same time');
        isBusy = true;
        try {
          await this.beforeApply(batch);
          this.#commit(batch, epoch);
        } finally {
          isBusy = false;
        }
      },
      confirm: () => this.beforeConfirm(partition),
      close: () => {
        this.closed += 1;
        return Promise.resolve();
      },
    });
  };

  #commit(batch: LogBatch, epoch: number): void {
    const { topic, partition, firstOffset, nextOffset, records } = batch;
    if (this.#epochs.get(partition) !== epoch) {
      this.fenced += 1;
      throw new Fault('ownership_lost', 'fenced');
    }
    const positions = this.positions.get(partition) ?? new Map<string, number>();
    this.positions.set(partition, positions);
    const position = positions.get(topic) ?? 0;
    if (firstOffset !== position) throw new Error(`${topic}: ${firstOffset} after ${position}`);
    positions.set(topic, nextOffset);
    const values = this.values.get(`${topic}/${partition}`) ?? [];
    this.values.set(`${topic}/${partition}`, values);
    for (const { value } of records) values.push(value?.toString() ?? '');
  }
}
