import {
  type ComponentRow,
  type Definitions,
  Fault,
  type KpiQuery,
  type KpiValue,
  NO_VALUE,
  bucketEnd,
  resolutionMs,
} from '@kpi/core';
import { type Moment, toEnvelope } from '@kpi/values';

import type { Address } from './address.ts';
import type { Selection } from './parameters.ts';
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
export const GROUPS_MAX = 1_000;
const POINTS_OF_GROUPS_MAX = 20_000;

type Rows = readonly ComponentRow[] | Promise<readonly ComponentRow[]>;

/** Turns components of either store into envelopes: what is not kept live, or by other definitions, comes from history. */
export function createAnswers(stores: Stores, clock: () => number): Answers {
  return {
    async current(question) {
      const now = clock();
      const to = bucketEnd(now, resolutionMs(question.selection.windowMs));
      const query: KpiQuery = { ...queryOf(question, [to]), clipAt: now };
      const isLive = question.isLiveDefinition && stores.live.canAnswer(query);
      const read = (asked: KpiQuery): Rows => (isLive ? stores.live : stores.history).read(asked);
      const [rows, totals] = await Promise.all([
        read(query),
        query.by.length > 0 && canPool(question) ? read({ ...query, by: [] }) : [],
      ]);
      const moment: Moment = {
        to,
        asOf: now,
        computedAt: clock(),
        servedFrom: isLive ? 'live' : 'history',
        revision: 0,
        sources: stores.live.sources(question.tenantId, question.address.kpi),
      };
      const valueAt = (row: ComponentRow, by: readonly string[]): KpiValue =>
        valueOf({ question, row, by, moment });
      if (query.by.length === 0) return valueAt(rows[0] ?? emptyRow(to), []);
      requireFew(rows.length, GROUPS_MAX);
      return {
        by: query.by,
        total: canPool(question) ? valueAt(totals[0] ?? emptyRow(to), []) : null,
        values: rows.toSorted(byGroup).map((row) => valueAt(row, query.by)),
      };
    },
    async history(question, asOf) {
      const now = clock();
      const query: KpiQuery = { ...queryOf(question, asOf), clipAt: now };
      const rows = await stores.history.read(query);
      const complete = fill(rows, asOf, query.by.length);
      requireFew(complete.length, Math.max(asOf.length, POINTS_OF_GROUPS_MAX));
      const moment = {
        computedAt: clock(),
        servedFrom: 'history',
        revision: 0,
        sources: {},
      } as const;
      return {
        by: query.by,
        points: complete.map((row) =>
          valueOf({
            question,
            row,
            by: query.by,
            moment: { ...moment, to: row.asOf, asOf: row.asOf },
          }),
        ),
      };
    },
  };
}

function queryOf(question: Question, asOf: readonly number[]): KpiQuery {
  const { tenantId, address, selection, definitions } = question;
  return { tenantId, kpiId: address.kpi.id, ...selection, asOf, definitions };
}

/** Values of a dimension that has a filter by default are shown side by side, never as one number nobody asked for. */
function canPool({ address, selection }: Question): boolean {
  return Object.keys(address.kpi.defaultFilter).every(
    (name) => selection.filter[name] !== undefined,
  );
}

function valueOf(options: {
  readonly question: Question;
  readonly row: ComponentRow;
  readonly by: readonly string[];
  readonly moment: Moment;
}): KpiValue {
  const { question, row, by, moment } = options;
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

function emptyRow(asOf: number, group: readonly string[] = []): ComponentRow {
  return { asOf, group, components: {} };
}

/** A row for every as-of time of every group that appears at all: a gap is "no data", not a missing point. */
function fill(
  rows: readonly ComponentRow[],
  asOf: readonly number[],
  dimensions: number,
): readonly ComponentRow[] {
  const groups = new Map(rows.map((row) => [JSON.stringify(row.group), row.group]));
  if (dimensions === 0) groups.set('[]', []);
  const found = new Map(rows.map((row) => [keyOf(row.asOf, row.group), row]));
  const ordered = [...groups.values()].toSorted(compareGroups);
  return asOf.flatMap((at) =>
    ordered.map((group) => found.get(keyOf(at, group)) ?? emptyRow(at, group)),
  );
}

function keyOf(asOf: number, group: readonly string[]): string {
  return JSON.stringify([asOf, group]);
}

const ORDER = new Intl.Collator('en', { numeric: true });

function byGroup(a: ComponentRow, b: ComponentRow): number {
  return compareGroups(a.group, b.group);
}

/** As people expect: `0-28` before `28-84` before `182-364`, and what has no value last. */
function compareGroups(a: readonly string[], b: readonly string[]): number {
  const index = a.findIndex((value, at) => value !== b[at]);
  const [left = '', right = ''] = [a[index], b[index]];
  if (index < 0 || left === right) return 0;
  if (left === NO_VALUE) return 1;
  return right === NO_VALUE ? -1 : ORDER.compare(left, right);
}

function requireFew(count: number, max: number): void {
  if (count <= max) return;
  throw new Fault(
    'parameter_invalid',
    `${count} values are more than ${max}: filter, or ask for fewer dimensions`,
    {
      path: '/query/by',
    },
  );
}
