import { formatDuration } from '@kpi/core';

import type { Value } from '../client/kpi-answer.ts';

/** One line of the view: a value, and what it was before. */
export interface ValueRow {
  readonly value: Value;
  /** `28d`. */
  readonly window: string;
  /** `plan=pro`; empty for all together. */
  readonly group: string;
  /** The number before the last change; undefined when it has not changed since it was first seen. */
  readonly before: number | null | undefined;
}

/** The rows of a view: one for each KPI, window and group. */
export class ValueRows {
  readonly #rows = new Map<string, ValueRow>();
  /** Rows that have come since the last reset; undefined while no reset is under way. */
  #renewed: Set<string> | undefined;

  /** Take a value. Returns its row, and whether the number is another one than before. */
  take(value: Value): { readonly row: ValueRow; readonly isNews: boolean } {
    const window = windowOf(value);
    const group = Object.entries(value.segment)
      .map(([name, one]) => `${name}=${one}`)
      .join(' ');
    const place = [value.kpi_id, window, group].join('\u001f');
    const known = this.#rows.get(place);
    const isNews = known === undefined || known.value.value !== value.value;
    const before = known !== undefined && isNews ? known.value.value : known?.before;
    const row = { value, window, group, before };
    this.#rows.set(place, row);
    this.#renewed?.add(place);
    return { row, isNews };
  }

  /** All values come anew; {@link settle} then removes those that did not. */
  reset(): void {
    this.#renewed = new Set();
  }

  settle(): void {
    const renewed = this.#renewed;
    if (renewed === undefined) return;
    for (const place of this.#rows.keys()) if (!renewed.has(place)) this.#rows.delete(place);
    this.#renewed = undefined;
  }

  /** By KPI, then window, all together before groups. */
  list(): readonly ValueRow[] {
    return [...this.#rows.values()].toSorted(
      (a, b) =>
        a.value.kpi_id.localeCompare(b.value.kpi_id) ||
        lengthMs(a.value) - lengthMs(b.value) ||
        a.group.localeCompare(b.group),
    );
  }
}

function windowOf(value: Value): string {
  return formatDuration(lengthMs(value));
}

function lengthMs({ window }: Value): number {
  return Date.parse(window.to) - Date.parse(window.from);
}
