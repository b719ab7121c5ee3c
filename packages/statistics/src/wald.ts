import chiSquaredCdf from '@stdlib/stats-base-dists-chisquare-cdf';

/** A test of several estimates together. */
export interface JointTest {
  readonly statistic: number;
  readonly degreesOfFreedom: number;
  readonly pValue: number;
}

/** What is left of the variance of an estimate that the others determine; below it is rounding. */
const DEPENDENT = 1e-9;

/**
 * Wald's chi-squared test that all estimates are 0, from their covariances. Estimates that others determine, or that do not vary,
 * are left out and give no degree of freedom: the generalised inverse. Null when none varies.
 */
export function waldTest(
  estimates: readonly number[],
  covariances: readonly (readonly number[])[],
): JointTest | null {
  const deviations = estimates.map((_, row) => Math.sqrt(covariances[row]?.[row] ?? 0));
  const scaled = (value: number, by: number): number => (by > 0 ? value / by : 0);
  const left = estimates.map((estimate, row) => scaled(estimate, deviations[row] ?? 0));
  const matrix = deviations.map((own, row) =>
    deviations.map((other, column) => scaled(covariances[row]?.[column] ?? 0, own * other)),
  );
  let statistic = 0;
  let degreesOfFreedom = 0;
  for (;;) {
    const diagonal = matrix.map((row, index) => row[index] ?? 0);
    const most = Math.max(0, ...diagonal);
    if (most <= DEPENDENT) break;
    const pivot = diagonal.indexOf(most);
    const pivotRow = [...(matrix[pivot] ?? [])];
    const pivotLeft = left[pivot] ?? 0;
    statistic += pivotLeft ** 2 / most;
    degreesOfFreedom += 1;
    // What the others say beyond this one; of itself nothing is left.
    for (const [index, row] of matrix.entries()) {
      const share = (row[pivot] ?? 0) / most;
      left[index] = (left[index] ?? 0) - share * pivotLeft;
      for (const [column, value] of pivotRow.entries())
        row[column] = index === pivot || column === pivot ? 0 : (row[column] ?? 0) - share * value;
    }
  }
  if (degreesOfFreedom === 0) return null;
  const pValue = Math.max(0, 1 - chiSquaredCdf(statistic, degreesOfFreedom));
  return { statistic, degreesOfFreedom, pValue };
}
