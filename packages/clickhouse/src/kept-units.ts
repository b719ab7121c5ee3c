import { createHash } from 'node:crypto';

import { type ClickHouseClient } from '@clickhouse/client';
import { type DefinitionsByTenant, type EventType, type KpiQuery } from '@kpi/core';
import { z } from 'zod';

import { reach } from './connection.ts';
import { isAnsweredBy, noteOf, tenantGroups } from './kept-definitions.ts';
import { parametersOf } from './query-parameters.ts';
import { keepingText, migrationFiles, sqlText } from './sql-text.ts';

/** What is kept: accounts, which the others read, the units of every KPI, rates and margins. A file of each is in sql/units/, a table in the migrations. */
const KEPT = [
  'accounts',
  'activation_rate',
  'adoption_rate',
  'clv_formula',
  'clv_observed',
  'course_completion_rate',
  'csat_score',
  'customer_acquisition_cost',
  'customer_churn_rate',
  'customer_effort_score',
  'expansion_conversion_rate',
  'exposures',
  'fx_factors',
  'margins',
  'nps_accounts',
  'nps_score',
  'referral_rate',
  'referred_accounts',
  'registered_churn_share',
  'sales_growth_rate',
  'support_ticket_rate',
  'time_to_first_value',
  'time_to_proficiency',
] as const;

/** Of accounts, and of who belongs to one: a membership moves what its user did without naming an account. */
const OF_ACCOUNTS: readonly EventType[] = [
  'account.created',
  'account.merged',
  'user.joined_account',
  'user.left_account',
  'user.merged',
  'billing.subscription_ended',
  'billing.subscription_started',
  'billing.subscription_updated',
];

const OF_ANSWERS: readonly EventType[] = [...OF_ACCOUNTS, 'survey.response_submitted'];

const OF_SALES: readonly EventType[] = [
  ...OF_ACCOUNTS,
  'billing.dispute_lost',
  'billing.invoice_paid',
  'billing.refund_issued',
  'fx.rate_published',
];

const OF_PRODUCT: readonly EventType[] = [...OF_ACCOUNTS, 'product.action_performed'];

/** Event types that decide the units of a KPI, by KPI; every KPI leaves out internal accounts and knows plans. */
export const TYPES_OF_UNITS: Readonly<Record<string, readonly EventType[]>> = {
  course_completion_rate: [
    ...OF_ACCOUNTS,
    'lms.assessment_submitted',
    'lms.course_completed',
    'lms.course_enrolled',
    'lms.course_started',
    'lms.course_unenrolled',
    'lms.lesson_completed',
  ],
  activation_rate: OF_PRODUCT,
  adoption_rate: [...OF_PRODUCT, 'onboarding.completed'],
  clv_formula: [...OF_SALES, 'margin.set'],
  clv_observed: [...OF_SALES, 'margin.set'],
  customer_acquisition_cost: [
    ...OF_ACCOUNTS,
    'billing.invoice_paid',
    'billing.refund_issued',
    'fx.rate_published',
    'crm.lead_created',
    'crm.opportunity_won',
    'marketing.spend_recorded',
  ],
  csat_score: OF_ANSWERS,
  customer_effort_score: OF_ANSWERS,
  expansion_conversion_rate: [
    ...OF_ACCOUNTS,
    'billing.invoice_paid',
    'billing.refund_issued',
    'onboarding.completed',
  ],
  nps_score: OF_ANSWERS,
  registered_churn_share: OF_PRODUCT,
  time_to_first_value: OF_PRODUCT,
  time_to_proficiency: [...OF_ACCOUNTS, 'lms.course_completed', 'onboarding.started'],
  referral_rate: [...OF_ACCOUNTS, 'onboarding.completed', 'referral.sent'],
  customer_churn_rate: [...OF_ACCOUNTS, 'fx.rate_published'],
  sales_growth_rate: OF_SALES,
  support_ticket_rate: [
    ...OF_ACCOUNTS,
    'lms.course_completed',
    'support.ticket_created',
    'support.ticket_invalidated',
    'support.ticket_updated',
  ],
};

/** Longer than anybody asks a generation of their own, or reads one that two have followed. */
const OUTDATED_SECONDS = 3_600;
/** Above it sorting and grouping go on on disk; a server's own limit may be lower. */
const MEMORY_BYTES_MAX = String(2 * 1024 ** 3);
/** All events of years, once in a while; the client's own deadline is for questions. */
export const KEEPING_MS_MAX = 1_800_000;

export interface DeriveOptions {
  /** Exclusive last offset by `topic:partition`. Every record before it must have been inserted. */
  readonly bound: Readonly<Record<string, number>>;
  /** A new random UUID. */
  readonly generation: string;
  /** By what the units of each tenant are derived; all by the default without. */
  readonly definitions?: DefinitionsByTenant;
  readonly signal?: AbortSignal;
}

export type KeepOptions = DeriveOptions & { readonly nowMs: number };

/** A generation that may be read; undefined before the first one, which holds as long as there is no event. */
export interface Kept {
  readonly generation: string | undefined;
  /** Values at t are as they are now when t is at most this, ms. */
  readonly holdsUntil: number;
}

const LATEST = z.object({
  generation: z.string(),
  definitions: z.string(),
  holds_until: z.string().transform(Number),
});
const NONE = '00000000-0000-0000-0000-000000000000';

const TENANT = z.object({ tenant_id: z.string() });
const ERASURES = z.object({ erasures: z.string() });

const OUTDATED = z.object({ table: z.string(), generation: z.string() });

/**
 * Derive the units of all tenants anew, each by its definitions, for whoever asks for this generation within the hour.
 * Throws `history_unreachable`; what was begun is then removed later.
 */
export async function deriveUnits(
  client: ClickHouseClient,
  database: string,
  { bound, generation, definitions = new Map(), signal }: DeriveOptions,
): Promise<void> {
  const abort = signal === undefined ? {} : { abort_signal: signal };
  for (const group of await groupsOf(client, database, definitions)) {
    const parameters = {
      ...parametersOf({ ...group, offsetBound: bound }),
      generation,
    };
    for (const name of KEPT) {
      await reach(
        'keep',
        client.command({
          query: keepingText(name, database),
          query_params: parameters,
          clickhouse_settings: {
            max_bytes_before_external_group_by: MEMORY_BYTES_MAX,
            max_bytes_before_external_sort: MEMORY_BYTES_MAX,
          },
          ...abort,
        }),
      );
    }
  }
  await dropOutdated(client, database);
}

/** Who is derived together, by name where some have definitions of their own; a tenant is in one group only. */
async function groupsOf(
  client: ClickHouseClient,
  database: string,
  definitions: DefinitionsByTenant,
) {
  const groups = tenantGroups(definitions);
  // No name means all.
  if (groups.length === 1) return groups.map((group) => ({ ...group, tenants: [] }));
  const named = new Set(groups.flatMap(({ tenants = [] }) => tenants));
  const query = sqlText('queries/read-tenants.sql', database);
  const result = await reach('keep', client.query({ query, format: 'JSONEachRow' }));
  const others = z
    .array(TENANT)
    .parse(await reach('keep', result.json()))
    .map(({ tenant_id: tenantId }) => tenantId)
    .filter((tenantId) => !named.has(tenantId));
  return groups
    .map((group) => ({ ...group, tenants: group.tenants ?? others }))
    .filter(({ tenants }) => tenants.length > 0);
}

/** Derive units, and let every read use them from then on. Two at the same time do no harm. Throws `history_unreachable`. */
export async function keepUnits(
  client: ClickHouseClient,
  database: string,
  options: KeepOptions,
): Promise<void> {
  const { generation, bound, definitions = new Map(), nowMs } = options;
  const erasures = await countErasures(client, database);
  await deriveUnits(client, database, options);
  await reach(
    'keep',
    client.command({
      query: sqlText('queries/keep-generation.sql', database),
      query_params: {
        generation,
        offset_bound: bound,
        definitions: noteOf(definitions, checksumOfQueries()),
        kept_at: nowMs,
        erasures,
      },
    }),
  );
}

/** Asked before units are derived: rows that go meanwhile may be in them. */
async function countErasures(client: ClickHouseClient, database: string): Promise<string> {
  const result = await reach(
    'keep',
    client.query({ query: sqlText('queries/count-erasures.sql', database), format: 'JSONEachRow' }),
  );
  const [count] = z.array(ERASURES).parse(await reach('keep', result.json()));
  return count?.erasures ?? '0';
}

/** The kept units that answer a question, if there are any of its definitions. */
export async function findKept(
  client: ClickHouseClient,
  database: string,
  query: Pick<KpiQuery, 'tenantId' | 'kpiId' | 'definitions'>,
): Promise<Kept | undefined> {
  const result = await reach(
    'read',
    client.query({
      query: sqlText('queries/read-kept.sql', database),
      query_params: { tenant_id: query.tenantId, types: TYPES_OF_UNITS[query.kpiId] ?? [] },
      format: 'JSONEachRow',
    }),
  );
  const [latest] = z.array(LATEST).parse(await reach('read', result.json()));
  if (latest === undefined) return undefined;
  if (latest.generation === NONE) return { generation: undefined, holdsUntil: latest.holds_until };
  if (!isAnsweredBy(latest.definitions, checksumOfQueries(), query)) return undefined;
  return { generation: latest.generation, holdsUntil: latest.holds_until };
}

/** Another version of this program may derive other units; its generations are not ours. */
function checksumOfQueries(): string {
  checksum ??= createHash('sha256')
    .update(KEPT.map((name) => keepingText(name, '')).join('\n'))
    .update(migrationFiles().join('\n'))
    .digest('hex');
  return checksum;
}
let checksum: string | undefined;

async function dropOutdated(client: ClickHouseClient, database: string): Promise<void> {
  const result = await reach(
    'keep',
    client.query({
      query: sqlText('queries/read-outdated-units.sql', database),
      query_params: {
        tables: KEPT.map((name) => `kept_${name}`),
        age_seconds: OUTDATED_SECONDS,
      },
      format: 'JSONEachRow',
    }),
  );
  for (const outdated of z.array(OUTDATED).parse(await reach('keep', result.json()))) {
    await reach(
      'keep',
      client.command({
        query: sqlText('queries/drop-outdated-units.sql', database),
        query_params: outdated,
      }),
    );
  }
}
