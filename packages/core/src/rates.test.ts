import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { type PublishedRate, RateTable, convert, parseRate, utcDay } from './rates.ts';

const USD_EUR = { base: 'USD', quote: 'EUR' };

function tableOf(...rates: readonly PublishedRate[]): RateTable {
  const table = new RateTable();
  for (const rate of rates) table.set(rate);
  return table;
}

function converted(
  table: RateTable,
  amount: bigint,
  pair: { from: string; to: string; day: number },
): bigint | undefined {
  const factor = table.factor(pair.from, pair.to, pair.day);
  return factor === undefined ? undefined : convert(amount, factor);
}

describe('rounding', () => {
  test('goes to the nearest minor unit, a half to the even one, alike below 0', () => {
    const half = { numerator: 1n, denominator: 2n };
    expect([1n, 3n, 5n, -1n, -3n, -5n].map((sum) => convert(sum, half))).toEqual([
      0n,
      2n,
      2n,
      0n,
      -2n,
      -2n,
    ]);
    const third = { numerator: 1n, denominator: 3n };
    expect([1n, 2n, -1n, -2n].map((sum) => convert(sum, third))).toEqual([0n, 1n, 0n, -1n]);
  });

  test('is never off by more than a half', () => {
    const whole = fc.bigInt({ min: -(10n ** 18n), max: 10n ** 18n });
    const positive = fc.bigInt({ min: 1n, max: 10n ** 12n });
    fc.assert(
      fc.property(whole, positive, positive, (sum, numerator, denominator) => {
        const error = convert(sum, { numerator, denominator }) * denominator - sum * numerator;
        expect((error < 0n ? -error : error) * 2n <= denominator).toBe(true);
      }),
    );
  });
});

describe('a rate', () => {
  const table = tableOf(
    { ...USD_EUR, day: 10, rate: '0.9' },
    { ...USD_EUR, day: 20, rate: '0.8' },
    { base: 'EUR', quote: 'USD', day: 5, rate: '1.25' },
  );

  test('holds from its day until the next one', () => {
    const usd = { from: 'USD', to: 'EUR' };
    expect(converted(table, 100n, { ...usd, day: 19 })).toBe(90n);
    expect(converted(table, 100n, { ...usd, day: 20 })).toBe(80n);
    expect(converted(table, 100n, { ...usd, day: 999 })).toBe(80n);
  });

  test('gives way to the inverse pair only where it is not known itself', () => {
    const usd = { from: 'USD', to: 'EUR' };
    expect(converted(table, 100n, { ...usd, day: 9 })).toBe(80n);
    expect(converted(table, 100n, { from: 'EUR', to: 'USD', day: 30 })).toBe(125n);
    expect(converted(table, 100n, { ...usd, day: 4 })).toBeUndefined();
  });

  test('is withdrawn with its day', () => {
    const withdrawn = tableOf(
      { ...USD_EUR, day: 10, rate: '0.9' },
      { ...USD_EUR, day: 20, rate: '0.8' },
      { ...USD_EUR, day: 20, rate: undefined },
    );
    expect(converted(withdrawn, 100n, { from: 'USD', to: 'EUR', day: 20 })).toBe(90n);
  });

  test('minds that yen have no minor unit and dinars have a thousand', () => {
    const yen = tableOf({ base: 'JPY', quote: 'EUR', day: 0, rate: '0.00625' });
    expect(converted(yen, 1_000n, { from: 'JPY', to: 'EUR', day: 0 })).toBe(625n);
    expect(converted(yen, 625n, { from: 'EUR', to: 'JPY', day: 0 })).toBe(1_000n);
    const dinar = tableOf({ base: 'KWD', quote: 'EUR', day: 0, rate: '3' });
    expect(converted(dinar, 1_000n, { from: 'KWD', to: 'EUR', day: 0 })).toBe(300n);
    expect(converted(dinar, 300n, { from: 'EUR', to: 'KWD', day: 0 })).toBe(1_000n);
  });

  test('is not needed within one currency', () => {
    expect(converted(new RateTable(), 7n, { from: 'EUR', to: 'EUR', day: 0 })).toBe(7n);
  });
});

test('a rate is decimal text above 0 with at most ten digits after the point', () => {
  expect(parseRate('1.1')).toBe(11_000_000_000n);
  expect(parseRate('0.0000000001')).toBe(1n);
  for (const text of ['0', '0.0', '-1', '1.', '.5', '1e3', '1.12345678901', ''])
    expect(parseRate(text)).toBeUndefined();
});

test('a UTC day begins at midnight, also before 1970', () => {
  expect([-1, 0, 86_399_999, 86_400_000].map(utcDay)).toEqual([-1, 0, 0, 1]);
});
