import type { ListedSubject, MemberReader, Subject } from '@kpi/clickhouse';
import {
  DEFAULT_DEFINITIONS,
  type KpiEvent,
  type MembersQuery,
  RateTable,
  days,
  kpiOf,
} from '@kpi/core';
import { expect, test } from 'vitest';

import { answer } from '../test-api.ts';
import { formatCursor, parseCursor } from './cursor.ts';
import { type PageQuery, readPage } from './page.ts';

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

/** Answers of `users` users in each of `accounts` accounts, and of one without an account. */
function survey(accounts: number, users: number): readonly KpiEvent[] {
  const ids = Array.from({ length: accounts }, (_, account) =>
    Array.from({ length: users }, (_user, user) => [`a${account}`, `u${account}-${user}`] as const),
  );
  return [...ids.flat(), [null, 'loner'] as const].map(([account, user]) =>
    answer({
      event_id: `${account}/${user}`,
      occurred_at: AS_OF - 1,
      tenant_id: TENANT,
      account_id: account,
      user_id: user,
    }),
  );
}

function subjectOf({ account_id: account, user_id: user }: KpiEvent): Subject {
  return account === null ? { rank: 1, id: user ?? '' } : { rank: 0, id: account };
}

function isAfter(one: Subject, other: Subject): boolean {
  return one.rank === other.rank ? one.id > other.id : one.rank > other.rank;
}

/** Reads from memory, and counts the reads of events. */
class MemoryReader implements MemberReader {
  reads = 0;
  readonly #events: readonly KpiEvent[];

  constructor(events: readonly KpiEvent[]) {
    this.#events = events;
  }

  subjects({ after, count }: Parameters<MemberReader['subjects']>[0]) {
    const groups = Map.groupBy(this.#events, (event) => JSON.stringify(subjectOf(event)));
    const listed = [...groups].map(([name, own]): ListedSubject => {
      const subject: Subject = JSON.parse(name);
      return { ...subject, events: own.length };
    });
    const next = listed.filter((one) => isAfter(one, after));
    return Promise.resolve(next.toSorted((a, b) => (isAfter(a, b) ? 1 : -1)).slice(0, count));
  }

  async *events({ subjects, wanderers }: Parameters<MemberReader['events']>[0]) {
    this.reads += 1;
    const wanted = new Set(subjects.map(({ rank, id }) => JSON.stringify([rank, id])));
    for (const [offset, event] of this.#events.entries()) {
      const { rank, id } = subjectOf(event);
      const isOf = wanted.has(JSON.stringify([rank, id]));
      if (isOf || wanderers.includes(event.user_id ?? ''))
        yield { offset, valueOf: (field: string): unknown => Reflect.get(event, field) };
    }
  }

  merged() {
    return Promise.resolve({
      accounts: new Map<string, string>(),
      users: new Map<string, string>(),
    });
  }

  activity() {
    return Promise.resolve([]);
  }

  close() {
    return Promise.resolve();
  }
}

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
