import { type MeasureSum, type ReduceOptions } from './catalogue.ts';
import { type Components } from './kpi.ts';
import { convert } from './rates.ts';

/**
 * Counts with the sums of `sales` at the rates of their days, one per currency and day, how many of these sums that are not 0 have no
 * rate, and the margin in force at t, or that there is none.
 */
export function withPricedSales(
  counts: Components,
  sums: readonly MeasureSum[],
  { rates, margins, definitions, asOf }: ReduceOptions,
): Components {
  let sales = 0n;
  let unpriced = 0n;
  for (const { measure, hidden, sum } of sums) {
    const { currency = '', day = '' } = hidden;
    if (measure !== 'sales' || sum === 0n) continue;
    const factor = rates.factor(currency, definitions.reportingCurrency, Number(day));
    if (factor === undefined) unpriced += 1n;
    else sales += convert(sum, factor);
  }
  const parts = { sales, ...counts, no_fx_rate: unpriced };
  // Where nothing counts there is no line of an answer, whatever the margin.
  const isVoid = Object.values(parts).every((part) => part === 0n);
  const margin = isVoid ? 0n : margins.at(asOf);
  return { ...parts, margin: margin ?? 0n, no_margin: margin === undefined ? 1n : 0n };
}
