import {
  type ListedSubject,
  type MemberReader,
  type MergedIds,
  NO_SUBJECT,
  type Subject,
} from '@kpi/clickhouse';
import { type Member, type MembersQuery, compareText, memberEventsOf, membersOf } from '@kpi/core';

import type { Cursor } from './cursor.ts';
import { readHomes } from './read-homes.ts';

/** A question about the members of one tenant. */
export interface PageQuery {
  readonly tenantId: string;
  readonly asked: MembersQuery;
  /** Only this account's; its members are those of one subject. */
  readonly account: string | undefined;
  readonly isWanted: (member: Member) => boolean;
  readonly after: Pick<Cursor, 'subject' | 'name'> | undefined;
  readonly limit: number;
  readonly signal: AbortSignal;
}

export interface Page {
  readonly members: readonly Member[];
  /** Where to go on; null after the last. */
  readonly next: Pick<Cursor, 'subject' | 'name'> | null;
}

/** Subjects whose events are read together, and rows of events after which no more of them are: what a read holds in memory. */
const SUBJECTS_PER_READ = 200;
const EVENTS_PER_READ = 50_000;
/** A page ends here, however few were wanted: whoever asks goes on with the next. */
const SUBJECTS_PER_PAGE = 2_000;
const EVENTS_PER_PAGE = 200_000;

/**
 * Members in the order of their subjects, from a place on: as many as asked for, fewer where many had to be looked at to find
 * them. One subject is always read whole.
 */
export async function readPage(reader: MemberReader, query: PageQuery): Promise<Page> {
  const { asked, limit, isWanted } = query;
  const { tenantId, signal } = query;
  const merged = await reader.merged({ tenantId, signal });
  const members: Member[] = [];
  let place = query.after;
  let [subjects, events] = [0, 0];
  while (subjects < SUBJECTS_PER_PAGE && events < EVENTS_PER_PAGE) {
    const batch = await nextSubjects(reader, { ...query, merged }, place);
    if (batch.length === 0) return { members, next: null };
    subjects += batch.length;
    events += batch.reduce((sum, one) => sum + one.events, 0);
    const { kpi, definitions } = asked;
    const homes = await readHomes(reader, {
      ...query,
      merged,
      kpi,
      definitions,
      subjects: batch,
    });
    for (const [index, subject] of batch.entries()) {
      const home = homes[index];
      const told = isAt(place, subject) ? place.name : null;
      const all = home === undefined ? [] : membersOf(home, asked);
      for (const member of all) {
        if (told !== null && compareText(member.name, told) <= 0) continue;
        if (!isWanted(member)) continue;
        if (members.length === limit) return { members, next: place ?? null };
        members.push(member);
        place = { subject: subjectOf(subject), name: member.name };
      }
      place = { subject: subjectOf(subject), name: null };
    }
    if (query.account !== undefined) return { members, next: null };
  }
  return { members, next: place ?? null };
}

type Place = Pick<Cursor, 'subject' | 'name'>;

function isAt(place: Place | undefined, { rank, id }: Subject): place is Place {
  return place !== undefined && place.subject.rank === rank && place.subject.id === id;
}

function subjectOf({ rank, id }: Subject): Subject {
  return { rank, id };
}

/** The next subjects to look at: first of all the one of which some members were told and some not. */
async function nextSubjects(
  reader: MemberReader,
  { tenantId, asked, account, merged, signal }: PageQuery & { readonly merged: MergedIds },
  place: Place | undefined,
): Promise<readonly ListedSubject[]> {
  const { types, readsReferrals } = memberEventsOf(asked.kpi);
  if (account !== undefined) {
    const id = merged.accounts.get(account) ?? account;
    return [{ rank: 0, id, events: 0 }];
  }
  const begun = place === undefined || place.name === null ? [] : [{ ...place.subject, events: 0 }];
  const after = place?.subject ?? NO_SUBJECT;
  const listed = await reader.subjects({
    tenantId,
    types,
    referred: readsReferrals,
    merged,
    after,
    count: SUBJECTS_PER_READ - begun.length,
    signal,
  });
  let events = 0;
  const few = listed.filter((subject, index) => {
    events += subject.events;
    return index === 0 || events <= EVENTS_PER_READ;
  });
  return [...begun, ...few];
}
