import type { Entry } from './answers.ts';
import { windowMs } from './trend-axis.ts';

/** Every window that some KPI is kept live for, the shortest first. */
export function allWindows(kpis: readonly Entry[]): readonly string[] {
  const live = kpis.filter((kpi) => kpi.served_from === 'live');
  const names = new Set(live.flatMap(({ windows }) => windows.map(({ window }) => window)));
  return [...names].toSorted((a, b) => windowMs(a) - windowMs(b));
}

/** Every dimension that some KPI can be split by, the most common first. */
export function allDimensions(kpis: readonly Entry[]): readonly string[] {
  const names = kpis.flatMap(({ dimensions }) => dimensions);
  const count = (name: string): number => names.filter((one) => one === name).length;
  return [...new Set(names)].toSorted((a, b) => count(b) - count(a) || a.localeCompare(b));
}

/** The window a KPI is shown for: the chosen one, or its own where it has not that one. */
export function effectiveWindow(kpi: Entry, chosen: string): string {
  return kpi.windows.some(({ window }) => window === chosen) ? chosen : kpi.default_window;
}
