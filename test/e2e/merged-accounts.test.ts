import {
  DAY_MS,
  DEFAULT_DEFINITIONS,
  type EventOf,
  KPIS,
  type KpiEvent,
  type KpiQuery,
} from '@kpi/core';
import { rebuildInstallation } from '@kpi/live';
import { systemClock } from '@kpi/runtime';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { type VerifiedStage, createVerifiedStage } from '../faults/verified-stage.ts';
import { event } from '../support/event.ts';
import { until } from '../support/pipeline.ts';

const PARTITIONS = 4;
const TODAY = Math.floor(Date.now() / DAY_MS) * DAY_MS;
/** Companies that turn out to be the same twice or three times. */
const COMPANIES = 12;

let it: VerifiedStage;

beforeAll(async () => {
  it = await createVerifiedStage(PARTITIONS);
});

afterAll(() => it.close());

function ago(days: number): number {
  return TODAY - days * DAY_MS;
}

/** An account that pays since a while, uses the product, asks for help and learns. */
function life(account_id: string, since: number): readonly KpiEvent[] {
  const envelope = (name: string, days: number) => ({
    event_id: `${name}-${account_id}`,
    occurred_at: ago(days),
    account_id,
  });
  return [
    event('account.created', envelope('created', since)),
    event('billing.subscription_started', {
      ...envelope('started', since),
      subscription_id: `s-${account_id}`,
    }),
    event('onboarding.completed', envelope('onboarded', since)),
    event('billing.invoice_paid', { ...envelope('paid', 3), invoice_id: `i-${account_id}` }),
    event('support.ticket_created', { ...envelope('asked', 3), ticket_id: `t-${account_id}` }),
    event('product.action_performed', {
      ...envelope('used', 3),
      action: 'create_project',
      is_value_event: true,
    }),
    event('lms.course_enrolled', {
      ...envelope('enrolled', 33),
      user_id: 'shared',
      enrolment_id: `e-${account_id}`,
    }),
  ];
}

function merge(from: string, into: string): EventOf<'account.merged'> {
  return event('account.merged', {
    event_id: `merge-${from}-${into}`,
    occurred_at: ago(1),
    account_id: from,
    from_account_id: from,
    into_account_id: into,
  });
}

const companies = Array.from({ length: COMPANIES }, (_, company) => company);

function question(kpiId: string): KpiQuery {
  const windowMs = KPIS.find(({ id }) => id === kpiId)?.defaultWindowMs ?? 0;
  return {
    tenantId: 'acme',
    kpiId,
    windowMs,
    asOf: [TODAY],
    by: [],
    filter: {},
    definitions: DEFAULT_DEFINITIONS,
  };
}

/** Live and in history, once what homes tell each other has arrived. */
async function expectCounted(
  kpiId: string,
  components: Readonly<Record<string, bigint>>,
): Promise<void> {
  await until(`${kpiId} is right`, async () => {
    const view = it.pipeline.view();
    await view.reload();
    const [row] = view.read(question(kpiId));
    return Object.entries(components).every(([name, count]) => row?.components[name] === count);
  });
  const [row] = await it.stage.history.read(question(kpiId));
  expect(row?.components, kpiId).toMatchObject(components);
}

/** What the pair or the three of each company count as. */
async function expectAccounts(accounts: number): Promise<void> {
  const active = BigInt(accounts);
  await expectCounted('customer_churn_rate', { start: active });
  await expectCounted('adoption_rate', { onboarded: active });
  await expectCounted('sales_growth_rate', { accounts: active });
  // Tickets, sales and the run of a user stay, whosever they are.
  await expectCounted('support_ticket_rate', { accounts: active, tickets: BigInt(3 * COMPANIES) });
  await expectCounted('course_completion_rate', { enrolled: 1n });
}

test('accounts count each for themselves', async () => {
  await it.publish(
    companies.flatMap((company) => [
      ...life(`a${company}`, 100),
      ...life(`b${company}`, 60),
      ...life(`c${company}`, 40),
    ]),
  );
  await expectAccounts(3 * COMPANIES);
});

test('merged accounts count as one for all of history, also along a chain', async () => {
  await it.publish(companies.map((company) => merge(`a${company}`, `b${company}`)));
  await expectAccounts(2 * COMPANIES);
  await it.publish(companies.map((company) => merge(`b${company}`, `c${company}`)));
  await expectAccounts(COMPANIES);
  await it.expectClean();
});

test('what comes later for an account that was merged counts for the one that goes on', async () => {
  await it.publish(
    companies.map((company) =>
      event('billing.subscription_ended', {
        event_id: `ended-${company}`,
        occurred_at: ago(2),
        account_id: `a${company}`,
        subscription_id: `s-a${company}`,
      }),
    ),
  );
  // Two of three subscriptions go on: no churn.
  await expectCounted('customer_churn_rate', { start: BigInt(COMPANIES), churned: 0n });
});

test('a merge that is taken back never was one', async () => {
  await it.publish(
    companies.map((company) =>
      event('account.merged', {
        ...merge(`b${company}`, `c${company}`),
        event_id: `undo-${company}`,
        account_id: `c${company}`,
        retracts: `merge-b${company}-c${company}`,
      }),
    ),
  );
  await expectAccounts(2 * COMPANIES);
});

test('a store that is rebuilt merges them again', async () => {
  await rebuildInstallation({
    config: it.pipeline.config,
    source: 'kafka',
    log: it.pipeline.log,
    clock: systemClock,
  });
  await expectAccounts(2 * COMPANIES);
  await rebuildInstallation({
    config: it.pipeline.config,
    source: 'clickhouse',
    log: it.pipeline.log,
    clock: systemClock,
  });
  await expectAccounts(2 * COMPANIES);
  await it.expectClean();
});
