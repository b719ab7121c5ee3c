/** A rate over this long is steady enough to read, and soon enough to follow. */
const SPAN_MS = 10_000;

interface Sample {
  readonly at: number;
  readonly count: number;
}

export interface Rate {
  readonly perSecond: number;
  /** Length of the stretch that the average is over. */
  readonly overMs: number;
}

/** Average rise of a counter over the last ten seconds. */
export class EventRate {
  #samples: readonly Sample[] = [];

  /** Take a reading. A counter that went back was set back: what was before says nothing any more. */
  add(at: number, count: number): void {
    const isSetBack = count < (this.#samples.at(-1)?.count ?? 0);
    const kept = isSetBack ? [] : this.#samples;
    const tooOld = kept.findLastIndex((sample) => at - sample.at >= SPAN_MS);
    this.#samples = [...kept.slice(Math.max(0, tooOld)), { at, count }];
  }

  read(): Rate {
    const [first, last] = [this.#samples[0], this.#samples.at(-1)];
    if (first === undefined || last === undefined || last.at === first.at)
      return { perSecond: 0, overMs: 0 };
    const overMs = last.at - first.at;
    return { perSecond: ((last.count - first.count) * 1_000) / overMs, overMs };
  }
}
