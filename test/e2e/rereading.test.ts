import { DAY_MS, DEFAULT_DEFINITIONS, type KpiEvent, type KpiQuery } from '@kpi/core';
import { rebuildInstallation } from '@kpi/live';
import { systemClock } from '@kpi/runtime';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { type VerifiedStage, createVerifiedStage } from '../faults/verified-stage.ts';
import { event } from '../support/event.ts';
import { until } from '../support/pipeline.ts';

const ACCOUNTS = 20;
const PARTITIONS = 2;
/** The live store keeps the last week: the events lie so that their cohort is mature today. */
const TODAY = Math.floor(Date.now() / DAY_MS) * DAY_MS;
const DAY0 = TODAY - 20 * DAY_MS;
const KEY_ACTIONS = DEFAULT_DEFINITIONS.activation.keyActions;

let it: VerifiedStage;

beforeAll(async () => {
  it = await createVerifiedStage(PARTITIONS);
});

afterAll(() => it.close());

const accounts = Array.from({ length: ACCOUNTS }, (_, index) => `a${index}`);

function action(account_id: string, name: string, more: Partial<KpiEvent> = {}): KpiEvent {
  return event('product.action_performed', {
    event_id: `${name}-${account_id}`,
    occurred_at: DAY0 + DAY_MS,
    account_id,
    action: name,
    is_value_event: true,
    ...more,
  });
}

const QUESTION: KpiQuery = {
  tenantId: 'acme',
  kpiId: 'activation_rate',
  windowMs: 28 * DAY_MS,
  asOf: [TODAY],
  by: [],
  filter: {},
  definitions: DEFAULT_DEFINITIONS,
};

async function untilActivated(count: number): Promise<void> {
  await until(`${count} are activated`, async () => {
    const view = it.pipeline.view();
    await view.reload();
    const [row] = view.read(QUESTION);
    return row?.components['activated'] === BigInt(count);
  });
}

test('what was done in the product is taken back and corrected live', async () => {
  await it.publish(
    accounts.flatMap((account_id) => [
      event('account.created', {
        event_id: `created-${account_id}`,
        occurred_at: DAY0,
        account_id,
      }),
      ...KEY_ACTIONS.map((name) => action(account_id, name)),
    ]),
  );
  await untilActivated(ACCOUNTS);
  const [first = ''] = KEY_ACTIONS;
  await it.publish([
    ...accounts.slice(0, 5).map((account_id) =>
      action(account_id, first, {
        event_id: `undo-${account_id}`,
        retracts: `${first}-${account_id}`,
      }),
    ),
    // No key action after all.
    ...accounts
      .slice(5, 8)
      .map((account_id) => ({ ...action(account_id, first), action: 'other', source_version: 1 })),
  ]);
  await untilActivated(ACCOUNTS - 8);
  await it.expectRecounted();
});

test('what is taken back before it comes is never counted, and what is restored is', async () => {
  const [first = ''] = KEY_ACTIONS;
  await it.publish([
    event('account.created', { event_id: 'created-b', occurred_at: DAY0, account_id: 'b' }),
    action('b', first, { event_id: 'undo-b', retracts: `${first}-b` }),
    ...KEY_ACTIONS.map((name) => action('b', name)),
    action('a0', first, { event_id: 'redo-a0', retracts: 'undo-a0' }),
  ]);
  await untilActivated(ACCOUNTS - 7);
  await it.expectRecounted();
});

test('a retraction that is corrected takes back something else, and what it took back before counts again', async () => {
  const [first = ''] = KEY_ACTIONS;
  const ticket = { event_id: 'ticket-a1', occurred_at: DAY0 + DAY_MS, account_id: 'a1' };
  await it.publish([event('support.ticket_created', { ...ticket, ticket_id: 'of-a1' })]);
  await it.publish([
    action('a1', first, { event_id: 'undo-a1', retracts: ticket.event_id, source_version: 1 }),
  ]);
  await untilActivated(ACCOUNTS - 6);
  await it.expectClean();
});

test('what is about nobody, as rates are, stays when something of it is taken back and restored', async () => {
  const rate = (event_id: string, more: Partial<KpiEvent> = {}): KpiEvent =>
    event('fx.rate_published', {
      event_id,
      occurred_at: DAY0,
      account_id: null,
      user_id: null,
      base: 'USD',
      quote: 'EUR',
      rate: '0.5',
      date: new Date(DAY0).toISOString().slice(0, 10),
      ...more,
    });
  const yen = { base: 'JPY', rate: '0.006' };
  await it.publish([
    rate('usd'),
    rate('jpy', yen),
    rate('undo-jpy', { ...yen, retracts: 'jpy' }),
    event('billing.invoice_paid', {
      event_id: 'paid',
      occurred_at: TODAY - DAY_MS,
      account_id: 'a1',
      invoice_id: 'i1',
      amount_net_minor: 1_000,
      currency: 'USD',
    }),
  ]);
  await it.expectRecounted();
  await it.publish([rate('redo-jpy', { ...yen, retracts: 'undo-jpy' })]);
  await it.expectRecounted();
});

test('while ClickHouse is away only the homes that need it wait, through a restart, and a rebuild says the same', async () => {
  const [first = ''] = KEY_ACTIONS;
  const more = Array.from({ length: 10 }, (_, index) => `c${index}`);
  await it.stage.proxies.clickhouse.cut();
  await it.pipeline.publish([
    action('a9', first, { event_id: 'undo-a9', retracts: `${first}-a9` }),
  ]);
  await until('a home is stale', async () => (await staleHomes()) === 1);
  await it.pipeline.publish([
    ...more.map((account_id) =>
      event('account.created', {
        event_id: `created-${account_id}`,
        occurred_at: DAY0,
        account_id,
      }),
    ),
    // What an account does while it waits is not forgotten.
    ...[...more, 'a9'].flatMap((account_id) =>
      KEY_ACTIONS.map((name) =>
        action(account_id, name, { event_id: `${name}-again-${account_id}` }),
      ),
    ),
    action('a9', first, { event_id: 'undo-again', retracts: `${first}-again-a9` }),
  ]);
  await untilActivated(ACCOUNTS - 6 + more.length);
  expect(await it.stage.metric('aggregate', 'kpi_aggregate_stale_homes')).toBe(1);
  await it.stage.stop('aggregate');
  await it.stage.start(['aggregate']);
  await it.pipeline.publish([
    action('c0', first, { event_id: 'undo-c0', retracts: `${first}-again-c0` }),
  ]);
  await until('two homes are stale', async () => (await staleHomes()) === 2);
  expect((await it.stage.unready()).has('aggregate')).toBe(false);
  await it.stage.proxies.clickhouse.restore();
  await untilActivated(ACCOUNTS - 8 + more.length);
  await it.expectRecounted();
  const { config, log } = it.pipeline;
  for (const source of ['kafka', 'clickhouse'] as const) {
    await rebuildInstallation({ config, source, log, clock: systemClock });
    await untilActivated(ACCOUNTS - 8 + more.length);
    await it.expectRecounted();
  }
  await it.expectClean();
});

async function staleHomes(): Promise<number> {
  const view = it.pipeline.view();
  await view.reload();
  return view.positions().reduce((sum, { stale }) => sum + stale, 0);
}
