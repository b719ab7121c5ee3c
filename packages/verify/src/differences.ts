import { type ComponentRow, PART } from '@kpi/core';

/** One component that two readers of the same question answer differently. */
export interface Difference {
  readonly asOf: number;
  readonly group: readonly string[];
  readonly component: string;
  readonly live: bigint;
  readonly history: bigint;
}

/** Every difference between two answers; a row or component that is absent is 0. */
export function compareRows(
  live: readonly ComponentRow[],
  history: readonly ComponentRow[],
): readonly Difference[] {
  const liveRows = byPlace(live);
  const historyRows = byPlace(history);
  const places = new Set([...liveRows.keys(), ...historyRows.keys()]);
  return [...places].flatMap((place) => {
    const one = liveRows.get(place);
    const other = historyRows.get(place);
    const row = one ?? other;
    if (row === undefined) return [];
    const names = new Set([
      ...Object.keys(one?.components ?? {}),
      ...Object.keys(other?.components ?? {}),
    ]);
    return [...names].flatMap((component) => {
      const inLive = one?.components[component] ?? 0n;
      const inHistory = other?.components[component] ?? 0n;
      return inLive === inHistory
        ? []
        : [{ asOf: row.asOf, group: row.group, component, live: inLive, history: inHistory }];
    });
  });
}

function byPlace(rows: readonly ComponentRow[]): ReadonlyMap<string, ComponentRow> {
  return new Map(rows.map((row) => [[row.asOf, ...row.group].join(PART), row]));
}
