const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** How far back a trend looks, and how far its points are apart, by the longest window it is for. Forty points each: a line of
 * this size shows no more, and the store works for each. */
const AXES = [
  { windowMs: HOUR_MS, spanMs: 20 * HOUR_MS, interval: '30m', intervalMs: 30 * MINUTE_MS },
  { windowMs: DAY_MS, spanMs: 10 * DAY_MS, interval: '6h', intervalMs: 6 * HOUR_MS },
  { windowMs: 7 * DAY_MS, spanMs: 40 * DAY_MS, interval: '1d', intervalMs: DAY_MS },
  { windowMs: 28 * DAY_MS, spanMs: 120 * DAY_MS, interval: '3d', intervalMs: 3 * DAY_MS },
  { windowMs: Infinity, spanMs: 240 * DAY_MS, interval: '6d', intervalMs: 6 * DAY_MS },
] as const;

const UNIT_MS: Readonly<Record<string, number>> = { m: MINUTE_MS, h: HOUR_MS, d: DAY_MS };

/** A window such as `28d` in ms; windows come from the catalogue, so they are well formed. */
export function windowMs(window: string): number {
  return Number.parseInt(window, 10) * (UNIT_MS[window.at(-1) ?? ''] ?? DAY_MS);
}

/** The question for the trend of a KPI: points at whole intervals, so that equal questions are asked again. */
export function trendQuery(window: string, nowMs: number): URLSearchParams {
  const lengthMs = windowMs(window);
  const axis = AXES.find((one) => lengthMs <= one.windowMs) ?? AXES[4];
  const to = Math.floor(nowMs / axis.intervalMs) * axis.intervalMs;
  return new URLSearchParams({
    window,
    interval: axis.interval,
    from: new Date(to - axis.spanMs).toISOString(),
    to: new Date(to).toISOString(),
  });
}
