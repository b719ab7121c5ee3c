import type { MemberReader, Subject } from '@kpi/clickhouse';
import {
  type Definitions,
  type Kpi,
  type KpiEvent,
  type MemberHome,
  MemberHomes,
  Home,
  type RateTable,
  TenantTables,
  activeHours,
  factsOf,
  keyAction,
  memberEventsOf,
  statementsOf,
} from '@kpi/core';
import { eventOfFields, recordKey } from '@kpi/kafka';

export interface HomesQuery {
  readonly tenantId: string;
  readonly kpi: Kpi;
  readonly definitions: Definitions;
  readonly subjects: readonly Subject[];
  readonly signal: AbortSignal;
}

/** Which subject a row is about is what the key of its record says, here as in the log. */
const keyOf: (event: KpiEvent) => string = recordKey;

/** What is known of some subjects, in their order, as far as a KPI reads it. */
export async function readHomes(
  reader: MemberReader,
  query: HomesQuery,
): Promise<readonly MemberHome[]> {
  const { tenantId, kpi, definitions, subjects, signal } = query;
  const { types, userTypes, readsActivity } = memberEventsOf(kpi);
  const homes = new MemberHomes(definitions);
  const users = new Set<string>();
  const ofUsers = new Set<string>(userTypes);
  for await (const record of reader.events({ tenantId, types, subjects, wanderers: [], signal })) {
    const event = eventOfFields((field) => record.valueOf(field));
    homes.take(keyOf(event), event);
    if (event.user_id !== null && ofUsers.has(event.event_type)) users.add(event.user_id);
  }
  if (users.size > 0) {
    const everywhere = { tenantId, types: userTypes, subjects: [], wanderers: [...users], signal };
    for await (const record of reader.events(everywhere)) {
      const event = eventOfFields((field) => record.valueOf(field));
      homes.take(keyOf(event), event);
    }
  }
  if (readsActivity) await takeActivity(reader, query, homes);
  return subjects.map((subject) => homes.of(tenantId, subjectName(subject)));
}

/** The exchange rates of a tenant; none for a KPI that knows no currency. */
export async function readRates(
  reader: MemberReader,
  { tenantId, kpi, definitions, signal }: Omit<HomesQuery, 'subjects'>,
): Promise<RateTable> {
  const tables = new TenantTables();
  if (!kpi.hidden.includes('currency')) return tables.rates;
  const home = new Home();
  const types = ['fx.rate_published'] as const;
  const query = {
    tenantId,
    types,
    subjects: [{ rank: 2, id: '' }] as const,
    wanderers: [],
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
  { tenantId, definitions, subjects, signal }: HomesQuery,
  homes: MemberHomes,
): Promise<void> {
  const accounts = subjects.filter(({ rank }) => rank === 0).map(({ id }) => id);
  const { keyActions } = definitions.activation;
  for (const one of await reader.activity({ tenantId, accounts, keyActions, signal })) {
    const first = Object.entries(one.firstActions).map(([action, at]) => keyAction(action, at));
    const facts = one.hours.length === 0 ? first : [activeHours(one.hours), ...first];
    const key = recordKey({ tenant_id: tenantId, account_id: one.account, user_id: null });
    homes.takeActivity(key, { facts, firstValueAt: one.firstValueAt ?? Infinity });
  }
}

/** As in the key of a record. */
function subjectName({ rank, id }: Subject): string {
  return rank === 1 ? `user:${id}` : id;
}
