import { rounded } from './report.ts';

/** Half, 95 and 99 of 100, and all of the values are at most this. */
export interface Percentiles {
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
  readonly max: number;
}

/** Percentiles by the nearest rank, to hundredths; 0 of nothing. */
export function percentilesOf(values: readonly number[]): Percentiles {
  const ordered = Float64Array.from(values).toSorted();
  const at = (share: number): number =>
    rounded(ordered[Math.max(0, Math.ceil(share * ordered.length) - 1)] ?? 0);
  return { p50: at(0.5), p95: at(0.95), p99: at(0.99), max: at(1) };
}
