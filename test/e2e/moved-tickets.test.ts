import { type History } from '@kpi/clickhouse';
import { DAY_MS, DEFAULT_DEFINITIONS, type KpiEvent, type KpiQuery, days } from '@kpi/core';
import { rebuildInstallation } from '@kpi/live';
import { systemClock } from '@kpi/runtime';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { type VerifiedStage, createVerifiedStage } from '../faults/verified-stage.ts';
import { event } from '../support/event.ts';
import { until } from '../support/pipeline.ts';

const PARTITIONS = 4;
const TODAY = Math.floor(Date.now() / DAY_MS) * DAY_MS;
/** Accounts `from…` ask for help in the plan basic, and the desk finds that the tickets are those of `to…`, in the plan pro. */
const PAIRS = Array.from({ length: 12 }, (_, pair) => pair);
const COUNT = BigInt(PAIRS.length);

let it: VerifiedStage;

beforeAll(async () => {
  it = await createVerifiedStage(PARTITIONS);
});

afterAll(() => it.close());

function ago(count: number): number {
  return TODAY - count * DAY_MS;
}

function opened(account_id: string, plan_id: string): KpiEvent {
  return event('billing.subscription_started', {
    event_id: `started-${account_id}`,
    occurred_at: ago(60),
    account_id,
    subscription_id: account_id,
    plan_id,
  });
}

function moved(pair: number, given: { from: string; to: string; at: number }): KpiEvent {
  return event('support.ticket_updated', {
    event_id: `moved-${pair}-${given.to}`,
    occurred_at: given.at,
    account_id: given.from,
    ticket_id: `t${pair}`,
    field: 'organization_id',
    from: given.from,
    to: given.to,
  });
}

function question(asOf: number): KpiQuery {
  return {
    tenantId: 'acme',
    kpiId: 'support_ticket_rate',
    windowMs: days(28),
    asOf: [asOf],
    by: ['plan'],
    filter: {},
    definitions: DEFAULT_DEFINITIONS,
  };
}

type Rows = Awaited<ReturnType<History['read']>>;

function ticketsIn(rows: Rows): Readonly<Record<string, bigint>> {
  return Object.fromEntries(
    rows.flatMap(({ group, components: { tickets = 0n } }) =>
      tickets > 0n ? [[group.join(), tickets]] : [],
    ),
  );
}

/** Live and in history, once what accounts tell each other has arrived. */
async function expectTickets(
  tickets: Readonly<Record<string, bigint>>,
  asOf: number = TODAY,
): Promise<void> {
  await until(`tickets are ${Object.keys(tickets).join()}'s`, async () => {
    const view = it.pipeline.view();
    await view.reload();
    const live = ticketsIn(view.read(question(asOf)));
    const plans = new Set([...Object.keys(live), ...Object.keys(tickets)]);
    return [...plans].every((plan) => live[plan] === tickets[plan]);
  });
  expect(ticketsIn(await it.stage.history.read(question(asOf)))).toEqual(tickets);
}

test('a ticket counts for the account that opened it', async () => {
  await it.publish(
    PAIRS.flatMap((pair) => [
      opened(`from${pair}`, 'basic'),
      opened(`to${pair}`, 'pro'),
      event('support.ticket_created', {
        event_id: `asked-${pair}`,
        occurred_at: ago(10),
        account_id: `from${pair}`,
        ticket_id: `t${pair}`,
      }),
    ]),
  );
  await expectTickets({ basic: COUNT });
});

test('and, when it is moved, for the other one from then on', async () => {
  await it.publish(
    PAIRS.map((pair) => moved(pair, { from: `from${pair}`, to: `to${pair}`, at: ago(5) })),
  );
  await expectTickets({ pro: COUNT });
  await expectTickets({ basic: COUNT }, ago(6));
  await it.expectClean();
});

test('what the account that opened it says of it later still holds', async () => {
  await it.publish([
    event('support.ticket_invalidated', {
      event_id: 'spam',
      occurred_at: ago(1),
      account_id: 'from0',
      ticket_id: 't0',
    }),
  ]);
  await expectTickets({ pro: COUNT - 1n });
  await expectTickets({ basic: COUNT - 1n }, ago(6));
});

test('a move that is taken back never was one', async () => {
  await it.publish([
    event('support.ticket_updated', {
      ...moved(1, { from: 'from1', to: 'to1', at: ago(1) }),
      event_id: 'undo',
      account_id: 'to1',
      retracts: 'moved-1-to1',
    }),
  ]);
  await expectTickets({ basic: 1n, pro: COUNT - 2n });
});

test('a store that is rebuilt has them where they were', async () => {
  for (const source of ['kafka', 'clickhouse'] as const) {
    await rebuildInstallation({
      config: it.pipeline.config,
      source,
      log: it.pipeline.log,
      clock: systemClock,
    });
    await expectTickets({ basic: 1n, pro: COUNT - 2n });
    await expectTickets({ basic: COUNT - 1n }, ago(6));
  }
  await it.expectClean();
});
