import type { ArchivedRecord, MemberReader, MergedIds, Subject } from '@kpi/clickhouse';
import {
  type Definitions,
  type Kpi,
  type KpiEvent,
  type MemberHome,
  MemberHomes,
  Home,
  type RateTable,
  REQUESTER_FIELD,
  TenantTables,
  activeHours,
  attributionOf,
  factsOf,
  keyAction,
  memberEventsOf,
  statementsOf,
} from '@kpi/core';
import { eventOfFields, recordKey, recordKeys } from '@kpi/kafka';

export interface HomesQuery {
  readonly tenantId: string;
  readonly kpi: Kpi;
  readonly definitions: Definitions;
  readonly merged: MergedIds;
  readonly subjects: readonly Subject[];
  readonly signal: AbortSignal;
}

/**
 * An event as if those who were merged had always been one, and as if it had always been known to which account its user belonged.
 * Nothing else here knows of merges.
 */
function asMerged(event: KpiEvent, { accounts, users, stays }: MergedIds): KpiEvent {
  const rooted = (id: string | null, roots: ReadonlyMap<string, string>): string | null =>
    id === null ? null : (roots.get(id) ?? id);
  const user = rooted(event.user_id, users);
  const stay = stays.get(user ?? '')?.findLast(({ from }) => from <= event.occurred_at);
  const renamed = Object.assign({}, event, {
    account_id: rooted(event.account_id, accounts) ?? (stay?.account || null),
    user_id: user,
  });
  if (renamed.event_type === 'referral.sent')
    return { ...renamed, referred_account_id: rooted(renamed.referred_account_id, accounts) };
  if (event.event_type !== 'support.ticket_updated') return renamed;
  // Whose it was is what the event itself says, not where its user belonged.
  const { from, to } = attributionOf(event) ?? NOWHERE;
  return Object.assign(renamed, {
    field: REQUESTER_FIELD,
    from_account_id: rooted(from, accounts),
    into_account_id: rooted(to, accounts),
  });
}

const NOWHERE = { from: null, to: null } as const;

/** Ids and all that were merged into them. */
function withMerged(ids: readonly string[], roots: ReadonlyMap<string, string>): readonly string[] {
  if (roots.size === 0) return ids;
  const wanted = new Set(ids);
  return [...ids, ...[...roots].flatMap(([id, root]) => (wanted.has(root) ? [id] : []))];
}

function idsOf(subjects: readonly Subject[], rank: Subject['rank']): readonly string[] {
  return subjects.filter((subject) => subject.rank === rank).map(({ id }) => id);
}

function subjectsWithMerged(
  subjects: readonly Subject[],
  { accounts, users }: MergedIds,
): readonly Subject[] {
  return [
    ...withMerged(idsOf(subjects, 0), accounts).map((id) => ({ rank: 0, id }) as const),
    ...withMerged(idsOf(subjects, 1), users).map((id) => ({ rank: 1, id }) as const),
    ...subjects.filter(({ rank }) => rank === 2),
  ];
}

/** With the users who belonged to one of the accounts, and of whom some event names none. */
function withUnplaced(
  subjects: readonly Subject[],
  { stays, users }: MergedIds,
): readonly Subject[] {
  if (stays.size === 0) return subjects;
  const accounts = new Set(idsOf(subjects, 0));
  const members = [...stays].flatMap(([user, own]) =>
    own.some(({ account }) => accounts.has(account)) ? [user] : [],
  );
  return [...subjects, ...withMerged(members, users).map((id) => ({ rank: 1, id }) as const)];
}

/** What is known of some subjects, in their order, as far as a KPI reads it. */
export async function readHomes(
  reader: MemberReader,
  query: HomesQuery,
): Promise<readonly MemberHome[]> {
  const { tenantId, kpi, definitions, merged, signal } = query;
  const { types, userTypes, readsActivity, readsReferrals } = memberEventsOf(kpi);
  const homes = new MemberHomes(definitions);
  const users = new Set<string>();
  const ofUsers = new Set<string>(userTypes);
  const subjects = withUnplaced(subjectsWithMerged(query.subjects, merged), merged);
  for await (const record of reader.events({ ...NOBODY, tenantId, types, subjects, signal })) {
    const event = takeRecord(homes, record, merged);
    if (event.user_id !== null && ofUsers.has(event.event_type)) users.add(event.user_id);
  }
  if (users.size > 0) {
    const wanderers = withMerged([...users], merged.users);
    const everywhere = { ...NOBODY, tenantId, types: userTypes, wanderers, signal };
    for await (const record of reader.events(everywhere)) takeRecord(homes, record, merged);
  }
  if (readsReferrals) await takeReferrals(reader, { ...query, subjects }, homes);
  if (readsActivity) await takeActivity(reader, { ...query, subjects }, homes);
  return query.subjects.map((subject) => homes.of(tenantId, subjectName(subject)));
}

const NOBODY = { subjects: [], wanderers: [], referred: [] } as const;

/** Lets the homes of an event take it in. */
function takeRecord(homes: MemberHomes, record: ArchivedRecord, merged: MergedIds): KpiEvent {
  const said = eventOfFields((field) => record.valueOf(field));
  const event = asMerged(said, merged);
  const isPlaced = said.account_id === null && event.account_id !== null;
  for (const key of recordKeys(event)) homes.take(key, event, isPlaced);
  return event;
}

/** Referrals of some accounts, with what decides of their senders whether they are valid. */
async function takeReferrals(
  reader: MemberReader,
  { tenantId, merged, subjects, signal }: HomesQuery,
  homes: MemberHomes,
): Promise<void> {
  const referred = idsOf(subjects, 0);
  const senders = new Set<string>();
  const naming = { ...NOBODY, tenantId, types: ['referral.sent'], referred, signal } as const;
  for await (const record of reader.events(naming)) {
    const event = takeRecord(homes, record, merged);
    if (event.account_id !== null) senders.add(event.account_id);
  }
  if (senders.size === 0) return;
  const accounts = withMerged([...senders], merged.accounts).map(
    (id) => ({ rank: 0, id }) as const,
  );
  const types = ['account.created'] as const;
  for await (const record of reader.events({
    ...NOBODY,
    tenantId,
    types,
    subjects: accounts,
    signal,
  }))
    takeRecord(homes, record, merged);
}

/** The exchange rates of a tenant; none for a KPI that knows no currency. */
export async function readRates(
  reader: MemberReader,
  { tenantId, kpi, definitions, signal }: Omit<HomesQuery, 'subjects' | 'merged'>,
): Promise<RateTable> {
  const tables = new TenantTables();
  if (!kpi.hidden.includes('currency')) return tables.rates;
  const home = new Home();
  const types = ['fx.rate_published'] as const;
  const query = {
    tenantId,
    types,
    ...NOBODY,
    subjects: [{ rank: 2, id: '' }] as const,
    signal,
  };
  for await (const record of reader.events(query)) {
    const event = eventOfFields((field) => record.valueOf(field));
    home.mergeAll(factsOf(event, record.offset, definitions));
  }
  for (const statement of statementsOf(home, home.entities())) tables.take(statement);
  return tables.rates;
}

async function takeActivity(
  reader: MemberReader,
  { tenantId, definitions, merged, subjects, signal }: HomesQuery,
  homes: MemberHomes,
): Promise<void> {
  const { keyActions } = definitions.activation;
  const asked = {
    tenantId,
    accounts: idsOf(subjects, 0),
    users: idsOf(subjects, 1),
    merged,
    keyActions,
    valueActions: definitions.valueActions,
    signal,
  };
  for (const one of await reader.activity(asked)) {
    const first = Object.entries(one.firstActions).map(([action, at]) => keyAction(action, at));
    const facts = one.hours.length === 0 ? first : [activeHours(one.hours), ...first];
    const key = recordKey({
      tenant_id: tenantId,
      account_id: merged.accounts.get(one.account) ?? one.account,
      user_id: null,
    });
    homes.takeActivity(key, { facts, firstValueAt: one.firstValueAt ?? Infinity });
  }
}

/** As in the key of a record. */
function subjectName({ rank, id }: Subject): string {
  return rank === 1 ? `user:${id}` : id;
}
