import { ceilTo } from './duration.ts';
import { ALWAYS, type Span, contains } from './span.ts';

/** The two series of one level: its steps, and the person-time that rounding them up left out. */
export interface LevelNames {
  readonly level: string;
  readonly rest: string;
}

/** Changes of many series at many buckets, summed: what is written to the store. Zero changes vanish. */
export class DeltaSheet {
  readonly #series = new Map<string, Map<number, number>>();
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
    const steps = this.#series.get(series);
    if (steps === undefined) {
      if (weight !== 0) this.#series.set(series, new Map([[boundary, weight]]));
      return;
    }
    const sum = (steps.get(boundary) ?? 0) + weight;
    if (sum !== 0) {
      steps.set(boundary, sum);
      return;
    }
    steps.delete(boundary);
    if (steps.size === 0) this.#series.delete(series);
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
    for (const [series, steps] of this.#series) {
      for (const [boundary, weight] of steps) yield [series, boundary, weight];
    }
  }

  get isEmpty(): boolean {
    return this.#series.size === 0;
  }
}
