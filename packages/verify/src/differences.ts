import { type ComponentRow, type KpiQuery, PART } from '@kpi/core';
import { pause } from '@kpi/runtime';

/** One component that two readers of the same question answer differently. */
export interface Difference {
  readonly asOf: number;
  readonly group: readonly string[];
  readonly component: string;
  readonly live: bigint;
  readonly history: bigint;
}

/** A question that two readers answer differently. */
export interface Disagreement {
  readonly query: KpiQuery;
  readonly differences: readonly Difference[];
}

/** After this long, what homes told each other of a user has come to where it counts. */
const UNDER_WAY_MS = 2_000;

/** What a look finds and a second one, some time later, finds again; the first report when it found nothing. */
export async function lookTwice<Report extends { readonly disagreements: readonly Disagreement[] }>(
  look: () => Promise<Report>,
  signal?: AbortSignal,
): Promise<Report> {
  const first = await look();
  if (first.disagreements.length === 0) return first;
  await pause(UNDER_WAY_MS, signal);
  const second = await look();
  return { ...second, disagreements: lasting(first.disagreements, second.disagreements) };
}

/** Of a second look, what differed at the first one too: the same component of the same group of the same question. */
export function lasting(
  first: readonly Disagreement[],
  second: readonly Disagreement[],
): readonly Disagreement[] {
  const before = new Set(first.flatMap(placesOf));
  return second.flatMap((disagreement) => {
    const places = placesOf(disagreement);
    const differences = disagreement.differences.filter((_, index) =>
      before.has(places[index] ?? ''),
    );
    return differences.length === 0 ? [] : [{ ...disagreement, differences }];
  });
}

/** Names of what differs, whenever it was asked. */
function placesOf({ query, differences }: Disagreement): readonly string[] {
  const { tenantId, kpiId, windowMs, by } = query;
  return differences.map(({ group, component }) =>
    [tenantId, kpiId, windowMs, ...by, ...group, component].join(PART),
  );
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
