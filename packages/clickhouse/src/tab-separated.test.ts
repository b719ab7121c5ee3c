import { expect, test } from 'vitest';

import { completed, enrolled, ticketCreated } from './test-events.ts';
import { rowsOf } from './test-history.ts';
import { toTabSeparated } from './tab-separated.ts';

test('columns are those of the types in the batch, and every line has them all', () => {
  const { columns, chunks } = toTabSeparated(
    rowsOf([
      enrolled(1, { user_id: 'u1', course_id: 'c1' }),
      ticketCreated(1, { account_id: 'a1', category: 'tabs\tand\nlines' }),
    ]),
  );
  const lines = [...chunks].join('').split('\n');
  expect(lines.pop()).toBe('');
  expect(lines).toHaveLength(2);
  const cells = lines.map((line) => line.split('\t'));
  expect(cells.map((line) => line.length)).toEqual([columns.length, columns.length]);
  expect(new Set(columns).size).toBe(columns.length);
  const at = (name: string) => cells.map((line) => line[columns.indexOf(name)]);
  expect(at('course_id')).toEqual(['c1', String.raw`\N`]);
  expect(at('category')).toEqual([String.raw`\N`, String.raw`tabs\tand\nlines`]);
  expect(at('account_id')).toEqual(['', 'a1']);
  expect(at('occurred_at')).toEqual(['1767312000.000', '1767312000.000']);
});

test('the same rows give the same bytes, in chunks of bounded size', () => {
  const rows = rowsOf(
    Array.from({ length: 2_500 }, (_, index) =>
      completed(index / 100, { user_id: `u${index}`, course_id: 'c1', score_scaled: index / 7 }),
    ),
  );
  const first = [...toTabSeparated(rows).chunks];
  expect(first).toHaveLength(3);
  expect([...toTabSeparated(structuredClone(rows)).chunks]).toEqual(first);
});
