import { type KpiEvent } from '@kpi/core';
import { expect, test } from 'vitest';

import { invoicePaid, retractionOf } from './test-events.ts';
import { testHistoryOfFile } from './test-history.ts';

const it = testHistoryOfFile();

/** Amounts of the invoices that count, in the order of their events. */
async function amounts(bound = 'map()'): Promise<readonly unknown[]> {
  const rows = await it.select(
    `SELECT toString(amount_net_minor) AS amount
     FROM {{database}}.effective_events(
       tenants = ['default'], types = ['billing.invoice_paid'], offset_bound = ${bound})
     ORDER BY event_id`,
  );
  return rows.map((row) => Object.values(Object(row))[0]);
}

const invoice = (amount: number, given: Partial<KpiEvent> = {}): KpiEvent => ({
  ...invoicePaid(1, { account_id: 'a1', amount_net_minor: amount }),
  ...pick(given),
});

/** Only what may differ between versions of an event. */
function pick(given: Partial<KpiEvent>) {
  const { event_id, source, tenant_id, source_version, received_at } = given;
  return Object.fromEntries(
    Object.entries({ event_id, source, tenant_id, source_version, received_at }).filter(
      ([, value]) => value !== undefined,
    ),
  );
}

test('an event that came twice is one', async () => {
  const event = invoice(1);
  await it.insert(event, event);
  await it.insert(event);
  expect(await amounts()).toEqual(['1']);
});

test('of two payloads with one key the higher source_version wins, then the later received_at', async () => {
  await it.insert(
    invoice(3, { event_id: 'x', source_version: 2, received_at: 10 }),
    invoice(1, { event_id: 'x', source_version: 1, received_at: 99 }),
    invoice(2, { event_id: 'x', source_version: 2, received_at: 9 }),
    invoice(4, { event_id: 'y', received_at: 5 }),
    invoice(5, { event_id: 'y', received_at: 5 }),
  );
  // The place in the log decides when nothing else does.
  expect(await amounts()).toEqual(['3', '5']);
});

test('the same id of another source or tenant is another event', async () => {
  await it.insert(
    invoice(1, { event_id: 'x' }),
    invoice(2, { event_id: 'x', source: 'other' }),
    invoice(3, { event_id: 'x', tenant_id: 'other' }),
  );
  expect(await amounts()).toEqual(['1', '2']);
});

test('a retraction takes back, a retraction of it restores, up to four deep', async () => {
  const event = invoice(1);
  const chain = [event];
  const seen: number[] = [];
  await it.insert(event);
  for (let depth = 1; depth <= 4; depth += 1) {
    const last = chain.at(-1) ?? event;
    const next = retractionOf(last);
    chain.push(next);
    await it.insert(next);
    seen.push((await amounts()).length);
  }
  expect(seen).toEqual([0, 1, 0, 1]);
});

test('a retraction may come first, and works in its own source and tenant only', async () => {
  const event = invoice(1);
  const other = invoice(2);
  await it.insert(
    retractionOf(event),
    event,
    other,
    retractionOf(other, { source: 'elsewhere' }),
    retractionOf(other, { tenant_id: 'elsewhere' }),
  );
  expect(await amounts()).toEqual(['2']);
});

test('a bound on offsets shows history as it was there', async () => {
  const first = invoice(1, { event_id: 'x', source_version: 1 });
  const second = invoice(2, { event_id: 'x', source_version: 2 });
  await it.insert(first, second, retractionOf(second));
  expect(await amounts("map('kpi.test.v1:0', 0)")).toEqual([]);
  expect(await amounts("map('kpi.test.v1:0', 1)")).toEqual(['1']);
  expect(await amounts("map('kpi.test.v1:0', 2)")).toEqual(['2']);
  expect(await amounts("map('kpi.test.v1:0', 3)")).toEqual([]);
  expect(await amounts("map('kpi.test.v1:1', 9)")).toEqual([]);
});
