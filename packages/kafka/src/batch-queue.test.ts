import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { BatchQueue } from './batch-queue.ts';
import { type LogBatch } from './log-batch.ts';

/** A stretch of `topic` whose offsets are those given, up to before `nextOffset`. */
function stretch(topic: string, offsets: readonly number[], nextOffset: number): LogBatch {
  return {
    topic,
    partition: 0,
    firstOffset: offsets[0] ?? nextOffset - 1,
    nextOffset,
    highWatermark: 1_000,
    records: offsets.map((offset) => ({
      offset,
      key: null,
      value: Buffer.alloc(10),
      timestampMs: 0,
      headers: undefined,
    })),
  };
}

function offsetsOf(batch: LogBatch | undefined): readonly number[] {
  return batch?.records.map(({ offset }) => offset) ?? [];
}

describe('the queue of a partition', () => {
  test('joins neighbours and cuts what is too long', () => {
    const queue = new BatchQueue(3);
    queue.push(stretch('a', [0, 1], 2), 0);
    queue.push(stretch('a', [2, 3, 4], 6), 0);
    const first = queue.take();
    expect(first).toMatchObject({ firstOffset: 0, nextOffset: 3 });
    expect(offsetsOf(first)).toEqual([0, 1, 2]);
    const second = queue.take();
    expect(second).toMatchObject({ firstOffset: 3, nextOffset: 6 });
    expect(offsetsOf(second)).toEqual([3, 4]);
    expect(queue.take()).toBeUndefined();
  });

  test('lets no topic starve another', () => {
    const queue = new BatchQueue(1);
    queue.push(stretch('a', [0, 1], 2), 0);
    queue.push(stretch('b', [0, 1], 2), 0);
    const order = Array.from({ length: 4 }, () => queue.take()?.topic);
    expect(order).toEqual(['a', 'b', 'a', 'b']);
  });

  test('hands on a stretch without records, for its position', () => {
    const queue = new BatchQueue(10);
    queue.push(stretch('a', [], 7), 0);
    expect(queue.take()).toMatchObject({ nextOffset: 7, records: [] });
  });

  test('knows how long the oldest has waited and how much there is', () => {
    const queue = new BatchQueue(10);
    expect(queue.oldestMs).toBeUndefined();
    queue.push(stretch('a', [0, 1], 2), 5);
    queue.push(stretch('b', [0], 1), 9);
    expect(queue.oldestMs).toBe(5);
    expect(queue.records).toBe(3);
    expect(queue.holds('a')).toBe(true);
    queue.take();
    expect(queue.oldestMs).toBe(9);
    expect(queue.holds('a')).toBe(false);
  });

  test('gives every record once and in order, in unbroken stretches within the limit', () => {
    const lengths = fc.array(fc.integer({ min: 0, max: 6 }), { maxLength: 20 });
    fc.assert(
      fc.property(lengths, fc.integer({ min: 1, max: 5 }), (sizes, limit) => {
        const queue = new BatchQueue(limit);
        let end = 0;
        for (const size of sizes) {
          const offsets = Array.from({ length: size }, (_, index) => end + index);
          // Every stretch ends with a transaction marker, which has an offset and is no record.
          end += size + 1;
          queue.push(stretch('a', offsets, end), 0);
        }
        let position = 0;
        let records = 0;
        for (let batch = queue.take(); batch !== undefined; batch = queue.take()) {
          expect(batch.firstOffset).toBe(position);
          expect(offsetsOf(batch).every((offset) => offset >= position)).toBe(true);
          expect(batch.records.length).toBeLessThanOrEqual(limit);
          position = batch.nextOffset;
          records += batch.records.length;
        }
        expect(records).toBe(sizes.reduce((sum, size) => sum + size, 0));
        expect(position).toBe(end);
        expect(queue.records).toBe(0);
        expect(queue.holds('a')).toBe(false);
      }),
    );
  });
});
