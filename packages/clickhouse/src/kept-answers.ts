import { type ComponentRow, type KpiQuery } from '@kpi/core';

/** About 30 MB: many charts of ninety points, or a few of many groups. */
const ROWS_MAX = 50_000;

type Rows = readonly ComponentRow[];

/**
 * Answers from one generation of kept units, which never change: many open pages cost as much as one. The first answer of
 * another generation forgets those of the one before.
 */
export class KeptAnswers {
  readonly #answers = new Map<string, Rows>();
  #generation = '';
  #rows = 0;

  /** The rows of a question to a generation, asked for with `ask` unless they are known. */
  async of(generation: string, query: KpiQuery, ask: () => Promise<Rows>): Promise<Rows> {
    const key = JSON.stringify(query);
    const known = generation === this.#generation ? this.#answers.get(key) : undefined;
    if (known !== undefined) return known;
    const rows = await ask();
    this.#remember(generation, key, rows);
    return rows;
  }

  #remember(generation: string, key: string, rows: Rows): void {
    if (generation !== this.#generation) {
      this.#answers.clear();
      this.#generation = generation;
      this.#rows = 0;
    }
    if (this.#answers.has(key)) return;
    // An empty answer takes room, too.
    this.#rows += rows.length + 1;
    this.#answers.set(key, rows);
    for (const [oldest, { length }] of this.#answers) {
      if (this.#rows <= ROWS_MAX) return;
      this.#answers.delete(oldest);
      this.#rows -= length + 1;
    }
  }
}
