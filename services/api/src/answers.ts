import {
  type ComponentRow,
  type KpiQuery,
  type KpiValue,
  bucketEnd,
  filterOf,
  resolutionMs,
} from '@kpi/core';
import type { Moment } from '@kpi/values';

import { idOf } from './address.ts';
import { type ComparedValue, compareWith, endOf } from './comparisons.ts';
import { compareGroups, emptyRow, fillGaps, requireFew } from './groups.ts';
import type { Selection } from './parameters.ts';
import { type Answered, type Question, canPool, queryOf, valueOf } from './question.ts';
import { Recent } from './recent.ts';
import type { Stores } from './stores.ts';

/** The answer to `by`: all together and each group. No total where it would pool what must not be pooled. */
export interface Groups {
  readonly by: readonly string[];
  readonly total: ComparedValue | null;
  readonly values: readonly ComparedValue[];
}

/** A history: one value per as-of time, and with `by` per group, in order of both. */
export interface Series {
  readonly by: readonly string[];
  readonly points: readonly KpiValue[];
}

export interface Answers {
  current(question: Question): Promise<ComparedValue | Groups>;
  history(question: Question, asOf: readonly number[]): Promise<Series>;
}

/** Groups of one answer. A chart of more is unreadable, and ids of persons could be asked for one by one. */
const GROUPS_MAX = 1_000;
const POINTS_OF_GROUPS_MAX = 20_000;

/** A KPI that is served from history is derived from all its events, so it is told again for as long as KPI_SPEC 7.3 allows. */
const RECENT = { forMs: 60_000, countMax: 1_000 };

/** Turns components of either store into envelopes: what is not kept live, or by other definitions, comes from history. */
export function createAnswers(stores: Stores, clock: () => number): Answers {
  const recent = new Recent<Reading>({ ...RECENT, clock });
  const past: AskingPast = { stores, clock };
  return {
    current: async (question) => {
      const answer = await answerNow({ stores, clock, recent }, question);
      return question.compare.length === 0 ? answer : addComparisons(past, question, answer);
    },
    history: (question, asOf) => answerSeries(past, question, asOf),
  };
}

/** What a store said at a moment. */
interface Reading {
  readonly now: number;
  readonly to: number;
  readonly isLive: boolean;
  readonly rows: readonly ComponentRow[];
  readonly totals: readonly ComponentRow[];
}

interface Asking {
  readonly stores: Stores;
  readonly clock: () => number;
  readonly recent: Recent<Reading>;
}

async function readNow({ stores, clock }: Asking, question: Question): Promise<Reading> {
  const now = clock();
  const to = bucketEnd(now, resolutionMs(question.selection.windowMs));
  const query: KpiQuery = { ...queryOf(question, [to]), clipAt: now };
  const isLive = question.isLiveDefinition && stores.live.canAnswer(query);
  const read = (asked: KpiQuery) => (isLive ? stores.live : stores.history).read(asked);
  const [rows, totals] = await Promise.all([
    read(query),
    query.by.length > 0 && canPool(question) ? read({ ...query, by: [] }) : [],
  ]);
  return { now, to, isLive, rows, totals };
}

async function answerNow(asking: Asking, question: Question): Promise<KpiValue | Groups> {
  const { stores, clock, recent } = asking;
  const query = queryOf(question, []);
  const isKeptLive = question.address.kpi.windows.length > 0;
  const { now, to, isLive, rows, totals } = isKeptLive
    ? await readNow(asking, question)
    : await recent.of(JSON.stringify(query), () => readNow(asking, question));
  const moment = {
    to,
    asOf: now,
    computedAt: clock(),
    servedFrom: isLive ? 'live' : 'history',
    sources: stores.live.sources(question.tenantId, question.address.kpi),
  } as const;
  const valueAt = (row: ComponentRow, by: readonly string[]): KpiValue => {
    const revision = isLive ? revisionOf(stores, { question, row, by, to }) : 0;
    return valueOf({ question, row, by, moment: { ...moment, revision } });
  };
  if (query.by.length === 0) return valueAt(rows[0] ?? emptyRow(to), []);
  requireFew(rows.length, GROUPS_MAX);
  return {
    by: query.by,
    total: canPool(question) ? valueAt(totals[0] ?? emptyRow(to), []) : null,
    values: rows
      .toSorted((a, b) => compareGroups(a.group, b.group))
      .map((row) => valueAt(row, query.by)),
  };
}

type AskingPast = Pick<Asking, 'stores' | 'clock'>;

async function answerSeries(
  asking: AskingPast,
  question: Question,
  asOf: readonly number[],
): Promise<Series> {
  const { by } = question.selection;
  const rows = fillGaps(await readPast(asking, question, asOf), asOf, by.length);
  requireFew(rows.length, Math.max(asOf.length, POINTS_OF_GROUPS_MAX));
  const computedAt = asking.clock();
  return { by, points: rows.map((row) => pastValue(question, row, computedAt)) };
}

async function readPast(
  { stores, clock }: AskingPast,
  question: Question,
  asOf: readonly number[],
): Promise<readonly ComponentRow[]> {
  const now = clock();
  // Only an open window needs the moment of reading; without it, equal questions stay equal.
  const clip = asOf.some((at) => at > now) ? { clipAt: now } : {};
  return stores.history.read({ ...queryOf(question, asOf), ...clip });
}

function pastValue(question: Question, row: ComponentRow, computedAt: number): KpiValue {
  const at = { to: row.asOf, asOf: row.asOf, computedAt };
  const moment: Moment = { ...at, servedFrom: 'history', revision: 0, sources: {} };
  return valueOf({ question, row, by: question.selection.by, moment });
}

/** The same with what each value is compared with. A group that is no longer there is not compared. */
async function addComparisons(
  asking: AskingPast,
  question: Question,
  answer: KpiValue | Groups,
): Promise<ComparedValue | Groups> {
  const isOne = !('values' in answer);
  const some = isOne ? answer : (answer.total ?? answer.values[0]);
  if (some === undefined) return answer;
  const whole = { ...question, selection: { ...question.selection, by: [] } };
  const hasTotal = isOne || answer.total !== null;
  const [ofAll, ofGroups] = await Promise.all([
    hasTotal ? compareAll(asking, whole, some) : undefined,
    isOne ? undefined : compareAll(asking, question, some),
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
  question: Question,
  some: KpiValue,
): Promise<(value: KpiValue) => ComparedValue> {
  const { by, windowMs } = question.selection;
  const to = Date.parse(some.window.to);
  const ends = [...new Set(question.compare.map((baseline) => endOf(baseline, { to, windowMs })))];
  const rows = await readPast(asking, question, ends);
  const computedAt = asking.clock();
  const keyOf = (asOf: number, group: readonly string[]) => JSON.stringify([asOf, group]);
  const known = new Map(rows.map((row) => [keyOf(row.asOf, row.group), row]));
  return (value) => {
    const group = by.map((name) => value.segment[name] ?? '');
    return compareWith(value, question.compare, (baseline) => {
      const end = endOf(baseline, { to, windowMs });
      return pastValue(question, known.get(keyOf(end, group)) ?? emptyRow(end, group), computedAt);
    });
  };
}

/** The evaluator counts revisions of what it publishes: values without a filter, in all and by one dimension. */
function revisionOf(stores: Stores, answered: Answered & { readonly to: number }): number {
  const { question, row, by, to } = answered;
  const { address, selection, tenantId } = question;
  const unasked = filterOf(address.kpi, { by, filter: {} });
  const isPublished = by.length <= 1 && isSameFilter(selection.filter, unasked);
  if (!isPublished) return 0;
  const [dimension = '', group = ''] = [by[0], row.group[0]];
  const place = { tenantId, kpiId: idOf(address), windowMs: selection.windowMs, dimension, group };
  return stores.live.revision(place, new Date(to).toISOString());
}

function isSameFilter(a: Selection['filter'], b: Selection['filter']): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
