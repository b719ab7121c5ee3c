import { EventBlock } from '@kpi/clickhouse';
import { expect, test } from 'vitest';

import { RangeBuffer, type Stretch } from './range-buffer.ts';

function stretch(topic: string, from: number, more: Partial<Stretch> = {}): Stretch {
  const block = new EventBlock({ topic, partition: 0 });
  return { topic, from, to: from + 10, block, refused: 0, erased: 0, erasures: 0, ...more };
}

test('what was read with more erasures known goes into the next plan', () => {
  const buffer = new RangeBuffer();
  buffer.add(stretch('a', 0));
  buffer.add(stretch('a', 10, { erasures: 1, erased: 3 }));
  buffer.add(stretch('b', 0, { erasures: 1, erased: 2 }));
  const first = buffer.plan();
  expect(first).toEqual({ ranges: [{ topic: 'a', from: 0, to: 10 }], erasures: 0 });
  expect(buffer.take(first).erased).toEqual(new Map([['a', 0]]));
  buffer.drop(first);
  const second = buffer.plan();
  expect(second).toEqual({
    ranges: [
      { topic: 'a', from: 10, to: 20 },
      { topic: 'b', from: 0, to: 10 },
    ],
    erasures: 1,
  });
  expect(buffer.take(second).erased).toEqual(
    new Map([
      ['a', 3],
      ['b', 2],
    ]),
  );
});
