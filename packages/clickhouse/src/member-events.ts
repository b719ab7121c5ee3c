import { type EventType, PART } from '@kpi/core';
import { z } from 'zod';

import { type HistoryConfig, connect, reach } from './connection.ts';
import { type ArchivedRecord, INTEGERS, readRecords } from './record-rows.ts';
import { sqlText } from './sql-text.ts';

/**
 * Whom events are about: an account, a user without one, or neither. Subjects are ordered by rank, then by id in bytes.
 */
export interface Subject {
  readonly rank: 0 | 1 | 2;
  readonly id: string;
}

/** Before all subjects. */
export const NO_SUBJECT: Subject = { rank: 0, id: '' };

export interface ListedSubject extends Subject {
  /** Rows of the types asked for. */
  readonly events: number;
}

/** What an account did in the product, as KPIs read it. */
export interface AccountActivity {
  readonly account: string;
  /** UTC hours with a value event, counted from 1970, ascending. */
  readonly hours: readonly number[];
  /** First value event, ms; null when there is none. */
  readonly firstValueAt: number | null;
  /** When each key action was first done, ms. */
  readonly firstActions: Readonly<Record<string, number>>;
}

/** Ids of accounts and users that were merged, each with the one at the end of its merges. */
export interface MergedIds {
  readonly accounts: ReadonlyMap<string, string>;
  readonly users: ReadonlyMap<string, string>;
  /** Where users belonged of whom some event names no account, by the user at the end of merges. */
  readonly stays: ReadonlyMap<string, readonly MemberStay[]>;
}

/** From an instant on a user belongs to an account, or to none (an empty id); until the next. */
export interface MemberStay {
  /** ms */
  readonly from: number;
  readonly account: string;
}

interface SubjectsQuery {
  readonly tenantId: string;
  /** Those that were merged are listed as one. */
  readonly merged: MergedIds;
  readonly types: readonly EventType[];
  /** Whether accounts that a referral names are listed too. */
  readonly referred: boolean;
  readonly after: Subject;
  readonly count: number;
  readonly signal: AbortSignal;
}

interface EventsQuery {
  readonly tenantId: string;
  readonly types: readonly EventType[];
  readonly subjects: readonly Subject[];
  /** Ids of users of whom everything is read, whatever account it names. */
  readonly wanderers: readonly string[];
  /** Ids of accounts of which the referrals that name them are read, whoever sent them. */
  readonly referred: readonly string[];
  readonly signal: AbortSignal;
}

interface ActivityQuery {
  readonly tenantId: string;
  readonly accounts: readonly string[];
  /** Ids of users who may have acted in one of the accounts without naming it. */
  readonly users: readonly string[];
  readonly merged: MergedIds;
  readonly keyActions: readonly string[];
  /** Actions that are value events; empty: those that say so themselves. */
  readonly valueActions: readonly string[];
  readonly signal: AbortSignal;
}

/**
 * Events of some subjects of a tenant, without what is retracted or superseded: what a page of members needs. Every call may
 * throw `history_unreachable`.
 */
export interface MemberReader {
  /** Who was merged, and into whom at the end. */
  merged(query: Pick<SubjectsQuery, 'tenantId' | 'signal'>): Promise<MergedIds>;
  /** The next subjects that have events of some types. */
  subjects(query: SubjectsQuery): Promise<readonly ListedSubject[]>;
  events(query: EventsQuery): AsyncIterable<ArchivedRecord>;
  activity(query: ActivityQuery): Promise<readonly AccountActivity[]>;
  close(): Promise<void>;
}

const ids = z.array(z.string());
const MERGED = z
  .array(
    z.object({
      merged_accounts: ids,
      into_accounts: ids,
      merged_users: ids,
      into_users: ids,
      stay_users: ids,
      stay_texts: ids,
    }),
  )
  .transform(([found]): MergedIds => ({
    accounts: rootsOf(found?.merged_accounts, found?.into_accounts),
    users: rootsOf(found?.merged_users, found?.into_users),
    stays: new Map(
      (found?.stay_users ?? []).map((key, index) => [
        key.split(PART)[1] ?? '',
        staysOf(found?.stay_texts[index] ?? ''),
      ]),
    ),
  }));

/** Digits of an instant in a text of stays, and what ends each. */
const INSTANT_DIGITS = 15;
const STAY_END = '\u001E';

function staysOf(text: string): readonly MemberStay[] {
  return text
    .split(STAY_END)
    .filter((stay) => stay !== '')
    .map((stay) => ({
      from: Number(stay.slice(0, INSTANT_DIGITS)),
      account: stay.slice(INSTANT_DIGITS),
    }));
}

function textOf(stays: readonly MemberStay[]): string {
  return stays
    .map(
      ({ from, account }) => `${String(from).padStart(INSTANT_DIGITS, '0')}${account}${STAY_END}`,
    )
    .join('');
}

/** As the queries want it: where nobody is looked for, an empty id is, which nobody has. */
function placingOf({ users, stays }: MergedIds): Record<string, unknown> {
  const all = stays.size === 0 ? [['', []] as const] : [...stays];
  return {
    merged_users: [...users.keys()],
    into_users: [...users.values()],
    stay_users: all.map(([user]) => user),
    stay_texts: all.map(([, own]) => textOf(own)),
  };
}

/** `keys` are tenant␟id. */
function rootsOf(
  keys: readonly string[] = [],
  roots: readonly string[] = [],
): ReadonlyMap<string, string> {
  return new Map(keys.map((key, index) => [key.split(PART)[1] ?? '', roots[index] ?? '']));
}

const SUBJECT = z.object({
  rank: z.union([z.literal(0), z.literal(1), z.literal(2)]),
  id: z.string(),
  events: z.number(),
});

const ACTIVITY = z
  .object({
    account_id: z.string(),
    hours: z.array(z.number()),
    first_value_at: z.number().nullable(),
    first_actions: z.record(z.string(), z.number()),
  })
  .transform(
    ({ account_id: account, hours, first_value_at: firstValueAt, first_actions: firstActions }) =>
      ({ account, hours, firstValueAt, firstActions }) satisfies AccountActivity,
  );

export function createMemberReader(config: HistoryConfig): MemberReader {
  const client = connect(config);
  const database = config.KPI_CLICKHOUSE_DATABASE;
  const rows = async (file: string, parameters: Record<string, unknown>, signal: AbortSignal) => {
    const result = await reach(
      'read members',
      client.query({
        query: sqlText(file, database),
        query_params: parameters,
        format: 'JSONEachRow',
        clickhouse_settings: INTEGERS,
        abort_signal: signal,
      }),
    );
    return reach('read members', result.json());
  };
  return {
    async merged({ tenantId, signal }) {
      const parameters = { tenants: [tenantId], offset_bound: {} };
      return MERGED.parse(await rows('queries/read-merged-ids.sql', parameters, signal));
    },
    async subjects({ tenantId, types, referred, merged, after, count, signal }) {
      const parameters = {
        tenant_id: tenantId,
        types,
        referred,
        merged_accounts: [...merged.accounts.keys()],
        into_accounts: [...merged.accounts.values()],
        ...placingOf(merged),
        after_rank: after.rank,
        after: after.id,
        count,
      };
      return z
        .array(SUBJECT)
        .parse(await rows('queries/list-member-subjects.sql', parameters, signal));
    },
    events({ tenantId, types, subjects, wanderers, referred, signal }) {
      const idsOf = (rank: Subject['rank']): readonly string[] =>
        subjects.filter((subject) => subject.rank === rank).map(({ id }) => id);
      const parameters = {
        tenants: [tenantId],
        offset_bound: {},
        types,
        accounts: idsOf(0),
        users: idsOf(1),
        has_tenant: subjects.some(({ rank }) => rank === 2),
        wanderers,
        referred,
      };
      return readRecords(client, {
        text: sqlText('queries/read-member-events.sql', database),
        parameters,
        signal,
      });
    },
    async activity({ tenantId, accounts, users, merged, keyActions, valueActions, signal }) {
      const parameters = {
        tenants: [tenantId],
        offset_bound: {},
        accounts,
        users,
        ...placingOf(merged),
        key_actions: keyActions,
        value_actions: valueActions,
      };
      return z
        .array(ACTIVITY)
        .parse(await rows('queries/read-member-activity.sql', parameters, signal));
    },
    close: () => client.close(),
  };
}
