export const SECOND_MS = 1_000;
export const MINUTE_MS = 60_000;
export const HOUR_MS = 3_600_000;
export const DAY_MS = 86_400_000;

/** Length of `n` days of 24 hours, in ms. */
export function days(n: number): number {
  return n * DAY_MS;
}

/** Length of `n` hours, in ms. */
export function hours(n: number): number {
  return n * HOUR_MS;
}

const UNIT_MS: Readonly<Record<string, number>> = { m: MINUTE_MS, h: HOUR_MS, d: DAY_MS };

/** Length in ms of `90m`, `24h` or `28d`; undefined when the text is none of these or not positive. */
export function parseDuration(text: string): number | undefined {
  const match = /^([1-9]\d{0,5})([mhd])$/.exec(text);
  const unitMs = UNIT_MS[match?.[2] ?? ''];
  return match === null || unitMs === undefined ? undefined : Number(match[1]) * unitMs;
}

/** The shortest text that {@link parseDuration} reads back: whole days, else hours, else minutes. */
export function formatDuration(ms: number): string {
  if (ms % DAY_MS === 0) return `${ms / DAY_MS}d`;
  return ms % HOUR_MS === 0 ? `${ms / HOUR_MS}h` : `${ms / MINUTE_MS}m`;
}

/** Step of the time axis for a window: 1 min up to 1 h, 5 min below 7 d, 1 h from there on (KPI_SPEC 7.3). In ms. */
export function resolutionMs(windowMs: number): number {
  if (windowMs <= HOUR_MS) return MINUTE_MS;
  return windowMs < days(7) ? 5 * MINUTE_MS : HOUR_MS;
}

/** End of the bucket that contains `nowMs`: the as-of time of a live value. A boundary belongs to the bucket it opens. */
export function bucketEnd(nowMs: number, stepMs: number): number {
  return (Math.floor(nowMs / stepMs) + 1) * stepMs;
}

/** The first boundary at or after `ms`. */
export function ceilTo(ms: number, stepMs: number): number {
  return Math.ceil(ms / stepMs) * stepMs;
}
