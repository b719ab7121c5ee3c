import {
  type ComponentRow,
  type KpiQuery,
  type KpiValue,
  OTHER_VALUES,
  bucketEnd,
  filterOf,
  groupOf,
  resolutionMs,
} from '@kpi/core';

import { idOf } from './address.ts';
import { addComparisons } from './comparisons.ts';
import { type GroupLimit, limitGroups } from './group-limit.ts';
import { compareGroups, emptyRow, fillGaps, requireFew } from './groups.ts';
import { GROUPS_MAX, type Selection } from './parameters.ts';
import { type AskingPast, pastValue, readPast } from './past.ts';
import {
  type Answered,
  type ComparedValue,
  type Groups,
  type Question,
  type Series,
  canPool,
  queryOf,
  valueOf,
} from './question.ts';
import { Recent } from './recent.ts';
import type { Stores } from './stores.ts';

export interface Answers {
  current(question: Question): Promise<ComparedValue | Groups>;
  history(question: Question, asOf: readonly number[]): Promise<Series>;
}

const POINTS_OF_GROUPS_MAX = 20_000;

/** A KPI that is served from history is derived from all its events, so it is told again for as long as KPI_SPEC 7.3 allows. */
const RECENT = { forMs: 60_000, countMax: 1_000 };

/** Turns components of either store into envelopes: what is not kept live, or by other definitions, comes from history. */
export function createAnswers(stores: Stores, clock: () => number): Answers {
  const recent = new Recent<Reading>({ ...RECENT, clock });
  const past: AskingPast = { stores, clock };
  return {
    current: async (question) => {
      const { answer, keep } = await answerNow({ ...past, recent }, question);
      if (question.compare.length === 0) return answer;
      return addComparisons(past, { question, keep }, answer);
    },
    history: (question, asOf) => answerSeries(past, question, asOf),
  };
}

/** What a store said at a moment. */
interface Reading {
  readonly now: number;
  readonly to: number;
  readonly rows: readonly ReadRow[];
  readonly total: ReadRow | undefined;
  readonly limit: GroupLimit;
}

interface ReadRow {
  readonly row: ComponentRow;
  readonly isLive: boolean;
}

interface Asking extends AskingPast {
  readonly recent: Recent<Reading>;
}

async function readNow({ stores, clock }: AskingPast, question: Question): Promise<Reading> {
  const { address, selection } = question;
  const now = clock();
  const to = bucketEnd(now, resolutionMs(selection.windowMs));
  const query: KpiQuery = { ...queryOf(question, [to]), clipAt: now };
  const isLive = question.isLiveDefinition && stores.live.canAnswer(query);
  const read = (asked: KpiQuery) => (isLive ? stores.live : stores.history).read(asked);
  const [each, totals] = await Promise.all([
    read(query),
    query.by.length > 0 && canPool(question) ? read({ ...query, by: [] }) : [],
  ]);
  const limit = limitGroups(address.kpi, selection, each);
  const rows = await readLimited(stores, { query, isLive, rows: each }, limit);
  const total = { row: totals[0] ?? emptyRow(to), isLive };
  return { now, to, rows, total: canPool(question) ? total : undefined, limit };
}

/** The groups that were read, and of too many the smallest together: from history where live numbers do not add up. */
async function readLimited(
  stores: Stores,
  read: {
    readonly query: KpiQuery;
    readonly isLive: boolean;
    readonly rows: readonly ComponentRow[];
  },
  { keep, isShown }: GroupLimit,
): Promise<readonly ReadRow[]> {
  const shown = (rows: readonly ComponentRow[], isLive: boolean): readonly ReadRow[] =>
    rows.filter(isShown).map((row) => ({ row, isLive }));
  if (keep === undefined) return shown(read.rows, read.isLive);
  const limited: KpiQuery = { ...read.query, keep };
  if (!read.isLive) return shown(await stores.history.read(limited), false);
  if (stores.live.canAnswer(limited)) return shown(stores.live.read(limited), true);
  const { by } = read.query;
  const isKept = ({ group }: ComponentRow): boolean =>
    by.every((name, index) => groupOf(keep, name, group[index] ?? '') === group[index]);
  const others = (await stores.history.read(limited)).filter(({ group }) =>
    group.includes(OTHER_VALUES),
  );
  return [...shown(read.rows.filter(isKept), true), ...shown(others, false)];
}

interface Current {
  readonly answer: KpiValue | Groups;
  readonly keep: KpiQuery['keep'];
}

async function answerNow(asking: Asking, question: Question): Promise<Current> {
  const { stores, clock, recent } = asking;
  const { address, selection } = question;
  const { by } = selection;
  const isKeptLive = address.kpi.windows.length > 0;
  const { now, to, rows, total, limit } = isKeptLive
    ? await readNow(asking, question)
    : await recent.of(JSON.stringify([queryOf(question, []), selection.groupsMax]), () =>
        readNow(asking, question),
      );
  const computedAt = clock();
  const sources = stores.live.sources(question.tenantId, address.kpi);
  const valueAt = ({ row, isLive }: ReadRow, of: readonly string[]): KpiValue => {
    const revision = isLive ? revisionOf(stores, { question, row, by: of, to }) : 0;
    const servedFrom = isLive ? 'live' : 'history';
    const moment = { to, asOf: now, computedAt, servedFrom, sources, revision } as const;
    return valueOf({ question, row, by: of, moment });
  };
  const { keep, notes } = limit;
  if (by.length === 0) {
    const [only = { row: emptyRow(to), isLive: false }] = rows;
    return { answer: valueAt(only, []), keep };
  }
  requireFew(rows.length, GROUPS_MAX);
  const values = rows
    .toSorted((a, b) => compareGroups(a.row.group, b.row.group))
    .map((row) => valueAt(row, by));
  const all = total === undefined ? null : valueAt(total, []);
  return { answer: { by, notes, total: all, values }, keep };
}

async function answerSeries(
  asking: AskingPast,
  question: Question,
  asOf: readonly number[],
): Promise<Series> {
  const { address, selection } = question;
  const { by } = selection;
  const each = await readPast(asking, question, { asOf });
  const { keep, isShown, notes } = limitGroups(address.kpi, selection, each);
  const read = keep === undefined ? each : await readPast(asking, question, { asOf, keep });
  const rows = fillGaps(read.filter(isShown), asOf, by.length);
  requireFew(rows.length, Math.max(asOf.length, POINTS_OF_GROUPS_MAX));
  const computedAt = asking.clock();
  return { by, notes, points: rows.map((row) => pastValue(question, row, computedAt)) };
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
