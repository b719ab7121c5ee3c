import { randomUUID } from 'node:crypto';

import { DEFAULT_DEFINITIONS, type DefinitionsByTenant, type KpiEvent } from '@kpi/core';
import { afterEach, beforeEach, expect, test } from 'vitest';

import {
  accountCreated,
  answered,
  completed,
  invoicePaid,
  joined,
  ratePublished,
  retractionOf,
  subscribed,
  ticketCreated,
  ticketInvalidated,
} from './test-events.ts';
import { type TestHistory, createTestHistory } from './test-history.ts';

let it: TestHistory;
let inserted = 0;
let keptAt = 0;

beforeEach(async () => {
  it = await createTestHistory();
  inserted = 0;
});

afterEach(async () => {
  await it.close();
});

async function insert(...events: readonly KpiEvent[]): Promise<void> {
  await it.insert(...events);
  inserted += events.length;
}

const everything = () => ({ 'kpi.test.v1:0': inserted });

async function keep(
  bound = everything(),
  definitions: DefinitionsByTenant = new Map(),
): Promise<string> {
  const generation = randomUUID();
  keptAt += 1;
  await it.history.keep({ bound, generation, definitions, nowMs: keptAt });
  return generation;
}

/** Makes kept units tell-tale: whoever reads them sees no ticket. */
async function emptyKept(): Promise<void> {
  await it.run('TRUNCATE TABLE {{database}}.kept_support_ticket_rate SYNC');
}

async function tickets(asOf: number, given = {}): Promise<unknown> {
  const answer = await it.read({ kpiId: 'support_ticket_rate', asOf, ...given });
  return answer['']?.['tickets'];
}

const customer = subscribed(1, { account_id: 'a1', subscription_id: 's1' });
const ticketAt = (at: number) => ticketCreated(at, { account_id: 'a1' });

test('units that were kept answer what is at or before the first later event', async () => {
  await insert(customer, ticketAt(5), ticketAt(10));
  await keep();
  await insert(ticketAt(20));
  expect([await tickets(15), await tickets(20), await tickets(21)]).toEqual([2n, 2n, 3n]);
  await emptyKept();
  // Other questions: answers from kept units are remembered.
  expect([await tickets(14), await tickets(19), await tickets(22)]).toEqual([
    undefined,
    undefined,
    3n,
  ]);
});

test('units of a generation are cut by its own accounts', async () => {
  await insert(customer);
  await keep();
  await keep();
  const answer = await it.read({ kpiId: 'customer_churn_rate', asOf: 40 });
  expect(answer['']?.['start']).toBe(1n);
  await it.run('TRUNCATE TABLE {{database}}.kept_customer_churn_rate SYNC');
  expect(await it.read({ kpiId: 'customer_churn_rate', asOf: 41 })).toEqual({});
});

test('before the first event there is nothing, also while no units are kept', async () => {
  const question = { kpiId: 'support_ticket_rate', asOf: 1 };
  expect(await it.read(question)).toEqual({});
  await insert(customer, ticketAt(5));
  expect(await it.read(question)).toEqual({});
  expect(await tickets(6)).toBe(1n);
});

test('a late event is in the very next answer', async () => {
  await insert(customer, ticketAt(5), ticketAt(10));
  await keep();
  await insert(ticketAt(7));
  expect([await tickets(6), await tickets(8), await tickets(11)]).toEqual([1n, 2n, 3n]);
});

test('so is what acts on all of history: retractions, invalidated tickets, internal accounts, new versions', async () => {
  const [first, second, third] = [ticketAt(5), ticketAt(6), ticketAt(7)];
  await insert(customer, first, second, third);
  await keep();
  await insert(retractionOf(first, { occurred_at: customer.occurred_at + 20 * 86_400_000 }));
  expect(await tickets(10)).toBe(2n);
  await keep();
  await insert(ticketInvalidated(30, { ticket_id: ticketIdOf(second) }));
  expect(await tickets(10)).toBe(1n);
  await keep();
  await insert({
    ...third,
    source_version: 1,
    occurred_at: third.occurred_at + 20 * 86_400_000,
  });
  expect(await tickets(10)).toBe(0n);
  await keep();
  await insert(accountCreated(40, { account_id: 'a1', is_internal: true }));
  expect(await it.read({ kpiId: 'support_ticket_rate', asOf: 10 })).toEqual({});
});

test('so is a membership that becomes known late, and its correction', async () => {
  const score = { score: 5, scale_min: 1, scale_max: 5 } as const;
  await insert(customer, answered(5, { account_id: null, user_id: 'u1', ...score }));
  const plans = async () =>
    Object.keys(await it.read({ kpiId: 'csat_score', asOf: 10, by: ['plan'] }));
  await keep();
  expect(await plans()).toEqual(['(none)']);
  const join = joined(3, { account_id: 'a1', user_id: 'u1' });
  await insert(join);
  expect(await plans()).toEqual(['pro']);
  await keep();
  await insert({ ...join, source_version: 1, occurred_at: join.occurred_at + 4 * 86_400_000 });
  expect(await plans()).toEqual(['(none)']);
});

test('a rate changes values from its day on', async () => {
  await insert(
    subscribed(0, { account_id: 'a1', subscription_id: 's1' }),
    invoicePaid(3, { account_id: 'a1', amount_net_minor: 100, currency: 'USD' }),
    ratePublished(1, { base: 'USD', quote: 'EUR', rate: '2', date: '2026-01-01' }),
  );
  await keep();
  await insert(ratePublished(9, { base: 'USD', quote: 'EUR', rate: '3', date: '2026-01-07' }));
  const sales = async (asOf: number) =>
    (await it.read({ kpiId: 'sales_growth_rate', asOf }))['']?.['current'];
  expect([await sales(6), await sales(7)]).toEqual([200n, 300n]);
});

test('other definitions and bounded questions are answered from the events', async () => {
  await insert(customer, ticketAt(5));
  await keep();
  await emptyKept();
  const definitions = { ...DEFAULT_DEFINITIONS, trainingCourses: ['advanced'] };
  expect(await tickets(10)).toBeUndefined();
  expect(await tickets(10, { definitions })).toBe(1n);
  const bounded = await it.read(
    { kpiId: 'support_ticket_rate', asOf: 10 },
    { offsetBound: everything() },
  );
  expect(bounded['']).toMatchObject({ tickets: 1n });
});

test('tenants are kept apart, and an event of another one changes nothing', async () => {
  const other = { tenant_id: 'other' };
  await insert(customer, ticketAt(5), { ...customer, ...other }, { ...ticketAt(6), ...other });
  await keep();
  await insert({ ...ticketAt(2), ...other });
  await emptyKept();
  expect(await tickets(10)).toBeUndefined();
  expect(await tickets(10, { tenantId: 'other' })).toBe(2n);
});

test('each tenant has units by its definitions, and they answer no question by others', async () => {
  const [other, third] = [{ tenant_id: 'other' }, { tenant_id: 'third' }];
  const training = completed(4, { account_id: 'a1', user_id: 'u1', course_id: 'basics' });
  const events = [customer, ticketAt(5), training];
  for (const tenant of [{}, other, third])
    await insert(...events.map((one) => ({ ...one, ...tenant })));
  const definitions = { ...DEFAULT_DEFINITIONS, trainingCourses: ['advanced'] };
  await keep(everything(), new Map([['other', definitions]]));
  const trained = async (given: object) =>
    (
      await it.read({
        kpiId: 'support_ticket_rate',
        asOf: 10,
        filter: { trained: ['true'] },
        ...given,
      })
    )['']?.['tickets'] ?? 0n;
  const kept = await Promise.all([
    trained({}),
    trained({ tenantId: 'third' }),
    trained({ tenantId: 'other', definitions }),
  ]);
  expect(kept).toEqual([1n, 1n, 0n]);
  await emptyKept();
  // Other questions: answers from kept units are remembered.
  const asOf = 11;
  expect(await tickets(asOf)).toBeUndefined();
  expect(await tickets(asOf, { tenantId: 'other', definitions })).toBeUndefined();
  expect(await tickets(asOf, { tenantId: 'other' })).toBe(1n);
  expect(await tickets(asOf, { definitions })).toBe(1n);
});

test('events that were inserted but lie beyond the bound are not in what is kept, and not lost', async () => {
  await insert(customer, ticketAt(5));
  const bound = everything();
  await insert(ticketAt(6));
  await keep(bound);
  expect([await tickets(6), await tickets(10)]).toEqual([1n, 2n]);
});

test('units derived for questions of its own are about their bound, and answer nobody else', async () => {
  await insert(customer, ticketAt(5));
  const offsetBound = everything();
  const derived = { generation: randomUUID() };
  await it.history.derive({ bound: offsetBound, ...derived });
  await insert(ticketAt(6));
  const question = { kpiId: 'support_ticket_rate', asOf: 10 };
  const bounded = await it.read(question, { offsetBound, derived });
  expect(bounded['']).toMatchObject({ tickets: 1n });
  await emptyKept();
  expect(await it.read({ ...question, asOf: 11 }, { offsetBound, derived })).toEqual({});
  expect(await tickets(10)).toBe(2n);
});

test('an insert that was repeated does not make kept units look outdated', async () => {
  await insert(customer, ticketAt(5));
  await keep();
  const changes = () =>
    it.select(
      'SELECT count() AS rows, max(last_offset) AS last FROM {{database}}.event_changes FINAL',
    );
  const before = await changes();
  const rows = [{ event: ticketAt(5), topic: 'kpi.test.v1', partition: 0, offset: 0 }];
  await it.history.insertEvents({ rows, token: 'token-1' });
  expect(await changes()).toEqual(before);
});

function ticketIdOf(event: KpiEvent): string {
  if (event.event_type !== 'support.ticket_created') throw new TypeError('no ticket');
  return event.ticket_id;
}
