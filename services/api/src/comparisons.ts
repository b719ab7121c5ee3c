import { type KpiQuery, type KpiValue, days } from '@kpi/core';
import { type Baseline, compareValues } from '@kpi/values';

import { emptyRow } from './groups.ts';
import { type AskingPast, pastValue, readPast } from './past.ts';
import type { ComparedValue, Groups, Question } from './question.ts';

/** 52 weeks: a window has as many of each weekday as the one it is compared with. */
const YEAR_MS = days(364);

interface Answered {
  readonly question: Question;
  /** Values that the groups of the answer keep beside `(other)`. */
  readonly keep: KpiQuery['keep'];
}

/** The same answer with what each value is compared with. A group that is no longer there is not compared. */
export async function addComparisons(
  asking: AskingPast,
  answered: Answered,
  answer: KpiValue | Groups,
): Promise<ComparedValue | Groups> {
  const isOne = !('values' in answer);
  const some = isOne ? answer : (answer.total ?? answer.values[0]);
  if (some === undefined) return answer;
  const { question, keep } = answered;
  const whole = { ...question, selection: { ...question.selection, by: [] } };
  const hasTotal = isOne || answer.total !== null;
  const [ofAll, ofGroups] = await Promise.all([
    hasTotal ? compareAll(asking, { question: whole, keep: undefined }, some) : undefined,
    isOne ? undefined : compareAll(asking, { question, keep }, some),
  ]);
  if (isOne) return ofAll?.(answer) ?? answer;
  const { total, values } = answer;
  return {
    ...answer,
    total: total === null ? null : (ofAll?.(total) ?? total),
    values: values.map((value) => ofGroups?.(value) ?? value),
  };
}

/** A way to compare values of one answer, whose windows end as that of `some`: the past is read at once. */
async function compareAll(
  asking: AskingPast,
  { question, keep }: Answered,
  some: KpiValue,
): Promise<(value: KpiValue) => ComparedValue> {
  const { by, windowMs } = question.selection;
  const to = Date.parse(some.window.to);
  const endOf = (baseline: Baseline) => to - (baseline === 'year' ? YEAR_MS : windowMs);
  const asOf = [...new Set(question.compare.map(endOf))];
  const rows = await readPast(asking, question, keep === undefined ? { asOf } : { asOf, keep });
  const computedAt = asking.clock();
  const keyOf = (at: number, group: readonly string[]) => JSON.stringify([at, group]);
  const known = new Map(rows.map((row) => [keyOf(row.asOf, row.group), row]));
  return (value) => {
    const group = by.map((name) => value.segment[name] ?? '');
    const baseOf = (at: number) =>
      pastValue(question, known.get(keyOf(at, group)) ?? emptyRow(at, group), computedAt);
    const comparisons = question.compare.map((baseline) =>
      compareValues(value, baseOf(endOf(baseline)), baseline),
    );
    return { ...value, comparisons };
  };
}
