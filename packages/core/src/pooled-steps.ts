import { type CountingInterval } from './kpi.ts';
import { isEmpty } from './span.ts';

/** Intervals of one entity that hold at the same time: how many there are, and the sum of their weights. */
export interface Held {
  readonly count: number;
  readonly sum: number;
}

/** What intervals that hold together count as, an integer; never asked of none. */
export type Pool = (held: Held) => number;

/** A change of what an entity counts as. */
export interface PooledStep {
  readonly at: number;
  readonly weight: number;
}

/** The steps of an entity whose intervals are pooled: ascending, 0 before the first and while none holds. */
export function pooledSteps(
  intervals: readonly CountingInterval[],
  pool: Pool,
): readonly PooledStep[] {
  const edges = new Map<number, Held>();
  const add = (at: number, count: number, sum: number): void => {
    const known = edges.get(at) ?? { count: 0, sum: 0 };
    edges.set(at, { count: known.count + count, sum: known.sum + sum });
  };
  for (const interval of intervals) {
    if (isEmpty(interval)) continue;
    add(interval.from, 1, interval.weight);
    add(interval.to, -1, -interval.weight);
  }
  const steps: PooledStep[] = [];
  let held: Held = { count: 0, sum: 0 };
  let level = 0;
  for (const [at, edge] of [...edges].toSorted(([a], [b]) => a - b)) {
    held = { count: held.count + edge.count, sum: held.sum + edge.sum };
    const next = held.count === 0 ? 0 : pool(held);
    if (next !== level) steps.push({ at, weight: next - level });
    level = next;
  }
  return steps;
}
