import type { MemberReader } from '@kpi/clickhouse';
import { DEFAULT_DEFINITIONS, type MembersQuery, RateTable, days, kpiOf } from '@kpi/core';
import { expect, test } from 'vitest';

import { formatCursor, parseCursor } from './cursor.ts';
import { type PageQuery, readPage } from './page.ts';
import { MemoryReader, survey } from './test-reader.ts';

const AS_OF = Date.UTC(2026, 0, 29);
const TENANT = 'acme';

const csat = kpiOf('csat_score');
const [variant] = csat?.variants ?? [];
if (csat === undefined || variant === undefined) throw new RangeError('there is no csat_score');

const ASKED: MembersQuery = {
  kpi: csat,
  variant,
  windowMs: days(28),
  asOf: AS_OF,
  by: [],
  filter: csat.defaultFilter,
  definitions: DEFAULT_DEFINITIONS,
  rates: new RateTable(),
};

const QUERY: Omit<PageQuery, 'after' | 'limit'> = {
  tenantId: TENANT,
  asked: ASKED,
  account: undefined,
  isWanted: () => true,
  signal: new AbortController().signal,
};

async function allPages(reader: MemberReader, limit: number, isWanted = QUERY.isWanted) {
  const pages: (readonly string[])[] = [];
  for (let after: PageQuery['after']; ;) {
    const page = await readPage(reader, { ...QUERY, isWanted, after, limit });
    pages.push(page.members.map(({ ids }) => ids['user_id'] ?? ''));
    if (page.next === null) return pages;
    const cursor = { asOf: AS_OF, clipAt: null, ...page.next };
    after = parseCursor(formatCursor(cursor));
  }
}

test.each([1, 2, 3, 5, 100])(
  'in pages of %i every member is told once, in order',
  async (limit) => {
    const reader = new MemoryReader(survey(4, 5));
    const pages = await allPages(reader, limit);
    const told = pages.flat();
    expect(told).toHaveLength(21);
    expect(new Set(told).size).toBe(21);
    expect(told.at(-1)).toBe('loner');
    expect(pages.every((page) => page.length <= limit)).toBe(true);
  },
);

test('where few are wanted a page ends after so many subjects, with where to go on', async () => {
  const reader = new MemoryReader(survey(2_500, 1));
  const isLast = ({ ids }: { readonly ids: Readonly<Record<string, string>> }): boolean =>
    ids['user_id'] === 'loner';
  const pages = await allPages(reader, 10, isLast);
  expect(pages).toEqual([[], ['loner']]);
});

test('subjects with many events are read in smaller batches', async () => {
  const heavy = new MemoryReader(survey(3, 1));
  const listed = heavy.subjects.bind(heavy);
  heavy.subjects = async (query) =>
    (await listed(query)).map((subject) => ({ ...subject, events: 40_000 }));
  await readPage(heavy, { ...QUERY, after: undefined, limit: 100 });
  // Each batch is read twice: its subjects, and their users wherever they were.
  expect(heavy.reads).toBe(8);
});

test('a cursor that was not given out is refused', () => {
  expect(() => parseCursor('e30')).toThrow('after is the `next` of the page before');
  expect(() => parseCursor('%%%')).toThrow('after is the `next` of the page before');
});
