import type { ListedSubject, MemberReader, MemberStay, Subject } from '@kpi/clickhouse';
import type { KpiEvent } from '@kpi/core';

import { answer } from '../test-api.ts';

/** When all answers were given, ms. */
export const ANSWERED_AT: number = Date.UTC(2026, 0, 28);

/** Answers of `users` users in each of `accounts` accounts, and of one without an account. */
export function survey(accounts: number, users: number): readonly KpiEvent[] {
  const ids = Array.from({ length: accounts }, (_, account) =>
    Array.from({ length: users }, (_user, user) => [`a${account}`, `u${account}-${user}`] as const),
  );
  return [...ids.flat(), [null, 'loner'] as const].map(([account, user]) =>
    answer({
      event_id: `${account}/${user}`,
      occurred_at: ANSWERED_AT,
      tenant_id: 'acme',
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
export class MemoryReader implements MemberReader {
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

  async *events({ subjects, wanderers, referred }: Parameters<MemberReader['events']>[0]) {
    this.reads += 1;
    const wanted = new Set(subjects.map(({ rank, id }) => JSON.stringify([rank, id])));
    for (const [offset, event] of this.#events.entries()) {
      const { rank, id } = subjectOf(event);
      const isOf = wanted.has(JSON.stringify([rank, id]));
      const isNamed =
        event.event_type === 'referral.sent' && referred.includes(event.referred_account_id ?? '');
      if (isOf || isNamed || wanderers.includes(event.user_id ?? ''))
        yield { offset, valueOf: (field: string): unknown => Reflect.get(event, field) };
    }
  }

  merged() {
    return Promise.resolve({
      accounts: new Map<string, string>(),
      users: new Map<string, string>(),
      stays: new Map<string, readonly MemberStay[]>(),
    });
  }

  activity() {
    return Promise.resolve([]);
  }

  close() {
    return Promise.resolve();
  }
}
