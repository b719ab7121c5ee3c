import {
  type ComponentRow,
  type Definitions,
  type KpiQuery,
  type KpiValue,
  bucketEnd,
  filterOf,
  resolutionMs,
} from '@kpi/core';
import { type Moment, toEnvelope } from '@kpi/values';

import { type Address, idOf } from './address.ts';
import { compareGroups, emptyRow, fillGaps, requireFew } from './groups.ts';
import type { Selection } from './parameters.ts';
import { Recent } from './recent.ts';
import type { Stores } from './stores.ts';

/** A checked question about one number of one tenant. */
export interface Question {
  readonly tenantId: string;
  readonly address: Address;
  readonly selection: Selection;
  readonly definitions: Definitions;
  /** False when the definitions differ from those the live store counts by. */
  readonly isLiveDefinition: boolean;
}

/** The answer to `by`: all together and each group. No total where it would pool what must not be pooled. */
export interface Groups {
  readonly by: readonly string[];
  readonly total: KpiValue | null;
  readonly values: readonly KpiValue[];
}

/** A history: one value per as-of time, and with `by` per group, in order of both. */
export interface Series {
  readonly by: readonly string[];
  readonly points: readonly KpiValue[];
}

export interface Answers {
  current(question: Question): Promise<KpiValue | Groups>;
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
  return {
    current: (question) => answerNow({ stores, clock, recent }, question),
    history: (question, asOf) => answerSeries({ stores, clock, question, asOf }),
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

async function answerSeries(asked: {
  readonly stores: Stores;
  readonly clock: () => number;
  readonly question: Question;
  readonly asOf: readonly number[];
}): Promise<Series> {
  const { stores, clock, question, asOf } = asked;
  const now = clock();
  // Only an open window needs the moment of reading; without it, equal questions stay equal.
  const clip = asOf.some((at) => at > now) ? { clipAt: now } : {};
  const query: KpiQuery = { ...queryOf(question, asOf), ...clip };
  const rows = fillGaps(await stores.history.read(query), asOf, query.by.length);
  requireFew(rows.length, Math.max(asOf.length, POINTS_OF_GROUPS_MAX));
  const computedAt = clock();
  const points = rows.map((row) => {
    const at = { to: row.asOf, asOf: row.asOf, computedAt };
    const moment: Moment = { ...at, servedFrom: 'history', revision: 0, sources: {} };
    return valueOf({ question, row, by: query.by, moment });
  });
  return { by: query.by, points };
}

function queryOf(question: Question, asOf: readonly number[]): KpiQuery {
  const { tenantId, address, selection, definitions } = question;
  return { tenantId, kpiId: address.kpi.id, ...selection, asOf, definitions };
}

/** Values of a dimension that has a filter by default are shown side by side, never as one number nobody asked for. */
function canPool({ address, selection }: Question): boolean {
  const names = Object.keys(address.kpi.defaultFilter);
  return names.every((name) => selection.filter[name] !== undefined);
}

interface Answered {
  readonly question: Question;
  readonly row: ComponentRow;
  readonly by: readonly string[];
}

function valueOf(answered: Answered & { readonly moment: Moment }): KpiValue {
  const { question, row, by, moment } = answered;
  const { address, selection, definitions } = question;
  const restricted = Object.entries(selection.filter).map(([name, values]) => [
    name,
    values.join(','),
  ]);
  const grouped = by.map((name, index) => [name, row.group[index] ?? '']);
  const segment = Object.fromEntries([...restricted, ...grouped]);
  const subject = { ...address, windowMs: selection.windowMs, segment, definitions };
  return toEnvelope(subject, row.components, moment);
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
