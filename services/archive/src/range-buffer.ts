import { type EventBlock } from '@kpi/clickhouse';
import { type ArchivePlan, type ArchiveRange, type LeftOut } from '@kpi/redis';

/** A stretch of one topic, read: the rows it gives, how many records gave none, and how many erasures were known then. */
export interface Stretch extends ArchiveRange {
  readonly block: EventBlock;
  readonly refused: number;
  readonly erased: number;
  readonly erasures: number;
}

/** What a plan takes out of the buffer. */
export interface Taken extends LeftOut {
  readonly blocks: readonly EventBlock[];
}

/** Stretches that wait to be inserted, by topic, without gaps between them. */
export class RangeBuffer {
  readonly #topics = new Map<string, Stretch[]>();

  get rows(): number {
    let rows = 0;
    for (const stretches of this.#topics.values()) {
      for (const { block } of stretches) rows += block.rows;
    }
    return rows;
  }

  /** Memory that the rows take. */
  get bytes(): number {
    let bytes = 0;
    for (const stretches of this.#topics.values()) {
      for (const { block } of stretches) bytes += block.bytes;
    }
    return bytes;
  }

  get isEmpty(): boolean {
    return this.#topics.size === 0;
  }

  /** Add what follows on what is there. Throws on a gap: rows would be lost. */
  add(next: Stretch): void {
    const held = this.#topics.get(next.topic);
    const before = held?.at(-1);
    if (before !== undefined && before.to !== next.from) {
      throw new RangeError(`${next.topic}: ${next.from} does not follow ${before.to}`);
    }
    if (held === undefined) this.#topics.set(next.topic, [next]);
    else held.push(next);
  }

  /** A plan for everything that is there and was read with the same erasures known: mostly for all. */
  plan(): ArchivePlan {
    const erasures = this.#fewestErasures();
    const ranges = [...this.#topics].flatMap(([topic, all]) => {
      const stretches = all.filter((one) => one.erasures === erasures);
      const [first, last] = [stretches[0], stretches.at(-1)];
      return first === undefined || last === undefined
        ? []
        : [{ topic, from: first.from, to: last.to }];
    });
    return { ranges: ranges.toSorted((a, b) => (a.topic < b.topic ? -1 : 1)), erasures };
  }

  #fewestErasures(): number {
    let fewest = Infinity;
    for (const [first] of this.#topics.values())
      fewest = Math.min(fewest, first?.erasures ?? Infinity);
    return fewest;
  }

  /** Whether everything that the plan names is there. */
  covers(plan: ArchivePlan): boolean {
    return plan.ranges.every(({ topic, from, to }) => {
      const stretches = this.#topics.get(topic) ?? [];
      return stretches.some((one) => one.from <= from) && stretches.some((one) => one.to >= to);
    });
  }

  /** The rows of a plan, in the order of topic and offset; they stay until {@link drop}. Throws when a stretch is partly in it. */
  take(plan: ArchivePlan): Taken {
    const parts = plan.ranges.map((range) => ({
      topic: range.topic,
      stretches: (this.#topics.get(range.topic) ?? []).filter((one) => isInside(one, range)),
    }));
    const sum = (countOf: (stretch: Stretch) => number): ReadonlyMap<string, number> =>
      new Map(
        parts.map(({ topic, stretches }) => [
          topic,
          stretches.reduce((total, stretch) => total + countOf(stretch), 0),
        ]),
      );
    return {
      blocks: parts.flatMap(({ stretches }) => stretches.map(({ block }) => block)),
      refused: sum(({ refused }) => refused),
      erased: sum(({ erased }) => erased),
    };
  }

  /** Forget what a plan has carried to its end. */
  drop(plan: ArchivePlan): void {
    for (const { topic, to } of plan.ranges) {
      const left = (this.#topics.get(topic) ?? []).filter((one) => one.to > to);
      if (left.length === 0) this.#topics.delete(topic);
      else this.#topics.set(topic, left);
    }
  }
}

function isInside(stretch: Stretch, range: ArchiveRange): boolean {
  if (stretch.to <= range.from || stretch.from >= range.to) return false;
  if (stretch.from >= range.from && stretch.to <= range.to) return true;
  throw new RangeError(
    `${range.topic}: ${stretch.from}-${stretch.to} is only partly in ${range.from}-${range.to}`,
  );
}
