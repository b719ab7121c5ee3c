import { type KpiEvent } from '@kpi/core';
import { expect, test } from 'vitest';

import { EventBlock, blocksOf, encodeBlocks } from './event-block.ts';
import { type EventRow } from './event-columns.ts';
import { answered, completed, enrolled, ticketCreated } from './test-events.ts';
import { rowsOf } from './test-history.ts';

const ROWS: readonly EventRow[] = Array.from({ length: 2_500 }, (_, index) => {
  const events = [
    completed(index / 100, { user_id: `u${index}`, course_id: 'c1', score_scaled: index / 7 }),
    ticketCreated(index / 100, { account_id: 'a1', category: 'ü'.repeat(index % 300) }),
    { ...enrolled(index, { user_id: 'u1', course_id: 'c1' }), external_ids: { a: `${index}` } },
    answered(index, { user_id: 'u1', score: -index, scale_min: -3, scale_max: 3 }),
  ];
  const event = events[(index % 7) % events.length];
  return rowsOf(event === undefined ? [] : [event], index);
}).flat();

function blockOf(rows: readonly EventRow[]): EventBlock {
  const block = new EventBlock({ topic: 'kpi.test.v1', partition: 0 });
  for (const { event, offset } of rows) block.addEvent(event, offset);
  return block;
}

test('the same rows give the same bytes, however they came in pieces', () => {
  const whole = Buffer.from(blockOf(ROWS).encode());
  for (const edges of [[1], [700, 701, 2_100], [64, 128, 256, 512, 1_024, 2_048, 2_499]]) {
    const starts = [0, ...edges];
    const pieces = starts.map((start, index) => blockOf(ROWS.slice(start, edges[index])));
    expect(whole.equals(encodeBlocks(pieces))).toBe(true);
    // A repeated insert encodes them again.
    expect(whole.equals(encodeBlocks(pieces))).toBe(true);
  }
  expect(whole.equals(encodeBlocks(blocksOf(structuredClone(ROWS))))).toBe(true);
});

test('rows of several topics are one block, in their order', () => {
  const [row, ...others] = ROWS;
  if (row === undefined) throw new Error('no row');
  const mixed = [row, { ...row, topic: 'kpi.other.v1', partition: 1 }, ...others];
  const bytes = Buffer.from(encodeBlocks(blocksOf(mixed)));
  const [columns, low, high] = bytes;
  expect(columns).toBeGreaterThan(20);
  expect(((high ?? 0) << 7) | ((low ?? 0) & 0x7f)).toBe(mixed.length);
  expect(bytes.includes('kpi.other.v1')).toBe(true);
});

test('the memory of a block is what its columns hold', () => {
  const [row] = ROWS;
  if (row === undefined) throw new Error('no row');
  const block = blockOf([row]);
  const before = block.bytes;
  block.addEvent({ ...row.event, attributes: { note: 'x'.repeat(100_000) } }, 1);
  expect(block.bytes - before).toBeGreaterThanOrEqual(100_000);
  expect(blockOf(ROWS).bytes).toBeGreaterThanOrEqual(blockOf(ROWS).encode().length);
});

test('a block says whether an event in it names a user and no account', () => {
  const named = ticketCreated(1, { account_id: 'a1', user_id: 'u1' });
  const unnamed = ticketCreated(1, { account_id: null, user_id: 'u1' });
  const ofNobody = ticketCreated(1, { account_id: null });
  const holds = (...events: readonly KpiEvent[]): boolean => blockOf(rowsOf(events)).holdsUnplaced;
  expect(holds(named, ofNobody)).toBe(false);
  expect(holds(named, unnamed, named)).toBe(true);
  const whole = blockOf(rowsOf([named]));
  whole.append(blockOf(rowsOf([unnamed])));
  expect(whole.holdsUnplaced).toBe(true);
});
