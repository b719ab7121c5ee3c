import { type EventRow } from '@kpi/clickhouse';
import { type ArchivePlan, type ArchiveRange } from '@kpi/redis';

/** A stretch of one topic, decoded: the rows it gives, and the records that gave none. */
export interface Stretch extends ArchiveRange {
  readonly rows: readonly EventRow[];
  /** Offsets of refused records. */
  readonly refused: readonly number[];
}

/** What a plan takes out of the buffer. */
export interface Taken {
  readonly rows: readonly EventRow[];
  /** Refused records by topic. */
  readonly refused: ReadonlyMap<string, number>;
}

/** Decoded stretches that wait to be inserted, by topic, without gaps between them. */
export class RangeBuffer {
  readonly #topics = new Map<string, Stretch>();

  get rows(): number {
    let rows = 0;
    for (const stretch of this.#topics.values()) rows += stretch.rows.length;
    return rows;
  }

  get isEmpty(): boolean {
    return this.#topics.size === 0;
  }

  /** Add what follows on what is there. Throws on a gap: rows would be lost. */
  add(next: Stretch): void {
    const before = this.#topics.get(next.topic);
    if (before !== undefined && before.to !== next.from) {
      throw new RangeError(`${next.topic}: ${next.from} does not follow ${before.to}`);
    }
    this.#topics.set(next.topic, before === undefined ? next : join(before, next));
  }

  /** A plan for everything that is there. */
  plan(): ArchivePlan {
    const ranges = [...this.#topics.values()].map(({ topic, from, to }) => ({ topic, from, to }));
    return { ranges: ranges.toSorted((a, b) => (a.topic < b.topic ? -1 : 1)) };
  }

  /** Whether everything that the plan names is there. */
  covers(plan: ArchivePlan): boolean {
    return plan.ranges.every(({ topic, from, to }) => {
      const stretch = this.#topics.get(topic);
      return stretch !== undefined && stretch.from <= from && stretch.to >= to;
    });
  }

  /** The rows of a plan, in the order of topic and offset; they stay until {@link drop}. */
  take(plan: ArchivePlan): Taken {
    const parts = plan.ranges.map((range) => within(this.#topics.get(range.topic), range));
    return {
      rows: parts.flatMap(({ rows }) => rows),
      refused: new Map(parts.map(({ topic, refused }) => [topic, refused.length])),
    };
  }

  /** Forget what a plan has carried to its end. */
  drop(plan: ArchivePlan): void {
    for (const { topic, to } of plan.ranges) {
      const stretch = this.#topics.get(topic);
      if (stretch === undefined) continue;
      if (stretch.to <= to) this.#topics.delete(topic);
      else this.#topics.set(topic, within(stretch, { topic, from: to, to: stretch.to }));
    }
  }
}

function join(first: Stretch, second: Stretch): Stretch {
  return {
    ...first,
    to: second.to,
    rows: [...first.rows, ...second.rows],
    refused: [...first.refused, ...second.refused],
  };
}

function within(stretch: Stretch | undefined, range: ArchiveRange): Stretch {
  const isInside = (offset: number): boolean => range.from <= offset && offset < range.to;
  return {
    ...range,
    rows: stretch?.rows.filter(({ offset }) => isInside(offset)) ?? [],
    refused: stretch?.refused.filter(isInside) ?? [],
  };
}
