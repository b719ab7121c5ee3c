/** Counts of an import or of a part of it. Parts add up in any grouping. */
export interface Tally {
  readonly rows: number;
  readonly skippedRows: number;
  readonly refusedRows: number;
  /** Rows that are good and to which no rule applied. */
  readonly idleRows: number;
  readonly events: number;
  readonly acceptedEvents: number;
  readonly refusedEvents: number;
  readonly eventsByType: Counts;
  readonly skipReasons: Counts;
  readonly refusalReasons: Counts;
}

export type Counts = Readonly<Record<string, number>>;

export const NO_TALLY: Tally = {
  rows: 0,
  skippedRows: 0,
  refusedRows: 0,
  idleRows: 0,
  events: 0,
  acceptedEvents: 0,
  refusedEvents: 0,
  eventsByType: {},
  skipReasons: {},
  refusalReasons: {},
};

/** Reasons may quote the row; more distinct ones than this are counted together. */
const REASONS_MAX = 200;
const OTHER = '(other reasons)';

export function addTallies(a: Tally, b: Tally): Tally {
  return {
    rows: a.rows + b.rows,
    skippedRows: a.skippedRows + b.skippedRows,
    refusedRows: a.refusedRows + b.refusedRows,
    idleRows: a.idleRows + b.idleRows,
    events: a.events + b.events,
    acceptedEvents: a.acceptedEvents + b.acceptedEvents,
    refusedEvents: a.refusedEvents + b.refusedEvents,
    eventsByType: addCounts(a.eventsByType, b.eventsByType),
    skipReasons: addCounts(a.skipReasons, b.skipReasons),
    refusalReasons: addCounts(a.refusalReasons, b.refusalReasons),
  };
}

/** How often each name occurs. */
export function countEach(names: readonly string[]): Counts {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  return Object.fromEntries(counts);
}

/** The reason without the values it quotes, so that like reasons are counted together. */
export function reasonKind(reason: string): string {
  return reason.replaceAll(/"(?:[^"\\]|\\.)*"/g, '…');
}

function addCounts(a: Counts, b: Counts): Counts {
  const sums = new Map(Object.entries(a));
  for (const [name, count] of Object.entries(b)) {
    const key = sums.has(name) || sums.size < REASONS_MAX ? name : OTHER;
    sums.set(key, (sums.get(key) ?? 0) + count);
  }
  return Object.fromEntries(sums);
}
