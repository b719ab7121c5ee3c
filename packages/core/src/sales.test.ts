import { expect, test } from 'vitest';

import { NO_ACCOUNT } from './account.ts';
import { type Fact } from './fact.ts';
import { sales } from './sales.ts';
import { fact } from './test-company.ts';

const money = (kind: 'invoice' | 'refund' | 'dispute', at: number, amountMinor: number): Fact =>
  fact(`${kind}-${at}`, at, { kind, amountMinor, currency: 'EUR', purchases: 1 });

/** When each movement is dated, what it brings, and from when on it is known. */
function movements(
  refundAttribution: 'refund' | 'original',
  ...facts: readonly Fact[]
): readonly (readonly number[])[] {
  return sales(facts, NO_ACCOUNT, { refundAttribution }).map(({ at, amountMinor, known }) => [
    at,
    amountMinor,
    known.from,
  ]);
}

const STORY = [
  money('refund', 5, 1),
  money('invoice', 10, 100),
  money('refund', 20, 30),
  money('invoice', 25, 90),
  money('dispute', 30, 7),
];

test('a refund is dated when it is made', () => {
  expect(movements('refund', ...STORY)).toEqual([
    [10, 100, 11],
    [25, 90, 26],
    [5, -1, 6],
    [20, -30, 21],
    [30, -7, 31],
  ]);
});

test('or when the last payment before it was made, as far as there is one, and is known as late as ever', () => {
  expect(movements('original', ...STORY)).toEqual([
    [10, 100, 11],
    [25, 90, 26],
    [5, -1, 6],
    [10, -30, 21],
    [25, -7, 31],
  ]);
});
