/** A p-value among the others of one report. */
export interface Comparison {
  readonly pValue: number;
  /** The smallest rate at which it would be a discovery. */
  readonly adjusted: number;
  readonly isDiscovery: boolean;
}

/** Share of false discoveries that one report may hold on average (STATISTICS.md 10). */
const RATE = 0.1;

/**
 * Benjamini and Hochberg's step-up procedure (1995) over all comparisons of one report, in the order they were given. Right for
 * comparisons that are independent or positively dependent; say how many there were. None give none.
 * Throws a RangeError unless every p-value is from 0 to 1 and the rate between 0 and 1.
 */
export function benjaminiHochberg(
  pValues: readonly number[],
  rate: number = RATE,
): readonly Comparison[] {
  if (!(rate > 0 && rate < 1)) throw new RangeError(`${rate} is no rate of false discoveries`);
  for (const pValue of pValues) {
    if (!(pValue >= 0 && pValue <= 1)) throw new RangeError(`${pValue} is no p-value`);
  }
  const descending = [...pValues.keys()].toSorted(
    (one, other) => at(pValues, other) - at(pValues, one),
  );
  const adjusted = pValues.map(() => 1);
  let least = 1;
  for (const [index, which] of descending.entries()) {
    const rank = pValues.length - index;
    least = Math.min(least, at(pValues, which) * (pValues.length / rank));
    adjusted[which] = least;
  }
  return pValues.map((pValue, which) => {
    const own = at(adjusted, which);
    return { pValue, adjusted: own, isDiscovery: own <= rate };
  });
}

function at(values: readonly number[], index: number): number {
  return values[index] ?? 1;
}
