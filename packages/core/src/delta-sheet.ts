import { MINUTE_MS, ceilTo } from './duration.ts';
import { ALWAYS, type Span, contains } from './span.ts';

/** The two series of one level: its steps, and the person-time that rounding them up left out. */
export interface LevelNames {
  readonly level: string;
  readonly rest: string;
}

/**
 * Changes of one series. Boundaries are whole minutes, but for steps of levels near the present: counted in minutes they are
 * small integers, which a map finds several times faster.
 */
interface Steps {
  readonly minutes: Map<number, number>;
  /** By ms, made only when needed. */
  instants: Map<number, number> | undefined;
}

/** Changes of many series at many buckets, summed: what is written to the store. Zero changes vanish. */
export class DeltaSheet {
  readonly #series = new Map<string, Steps>();
  readonly #exact: Span;

  /**
   * Steps of levels at instants of `exact` are kept to the ms: those near the present, which a reader may clip inside a bucket.
   * All others are rounded up to their bucket's end, with what that leaves out beside them.
   */
  constructor(exact: Span = ALWAYS) {
    this.#exact = exact;
  }

  /** Add `weight` to the change of a series at a boundary, ms. */
  add(series: string, boundary: number, weight: number): void {
    let steps = this.#series.get(series);
    if (steps === undefined) {
      steps = { minutes: new Map(), instants: undefined };
      this.#series.set(series, steps);
    }
    const minute = boundary / MINUTE_MS;
    if (Number.isInteger(minute)) {
      addTo(steps.minutes, minute, weight);
      return;
    }
    steps.instants ??= new Map();
    addTo(steps.instants, boundary, weight);
  }

  /** Add a step of a level at any instant; buckets are `stepMs` long. */
  addLevel(names: LevelNames, step: { at: number; weight: number; stepMs: number }): void {
    const { at, weight, stepMs } = step;
    if (contains(this.#exact, at)) {
      this.add(names.level, at, weight);
      return;
    }
    const boundary = ceilTo(at, stepMs);
    this.add(names.level, boundary, weight);
    if (boundary !== at) this.add(names.rest, boundary, weight * (boundary - at));
  }

  /** Every remaining change. */
  *changes(): Generator<readonly [series: string, boundary: number, weight: number]> {
    for (const [series, { minutes, instants }] of this.#series) {
      for (const [minute, weight] of minutes)
        if (weight !== 0) yield [series, minute * MINUTE_MS, weight];
      for (const [boundary, weight] of instants ?? [])
        if (weight !== 0) yield [series, boundary, weight];
    }
  }

  get isEmpty(): boolean {
    return this.changes().next().done === true;
  }
}

/** A sum of 0 stays until the sheet is read: mostly it is about to change again. */
function addTo(steps: Map<number, number>, at: number, weight: number): void {
  steps.set(at, (steps.get(at) ?? 0) + weight);
}
