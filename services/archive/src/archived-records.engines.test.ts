import { randomBytes } from 'node:crypto';

import {
  type ArchivedRecord,
  type ArchivedRecords,
  type History,
  createArchivedRecords,
  createHistory,
} from '@kpi/clickhouse';
import {
  DEFAULT_DEFINITIONS,
  EVENT_TYPES,
  Fault,
  type KpiEvent,
  factsOf,
  isCounted,
} from '@kpi/core';
import { type LogBatch, createEventDecoder, eventOfFields } from '@kpi/kafka';
import { ENGINE_OPTIONS, createLog, readConfig } from '@kpi/runtime';
import * as fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';

import { readStretch } from './stretch-reader.ts';
import { batchOf, drawnSchemas, framed } from './test-records.ts';

const SCHEMAS = drawnSchemas();
/** What a column of times can hold; see native-column.ts. */
const TIME_MS_MIN = Date.UTC(1900, 0, 1);
const TIME_MS_MAX = Date.UTC(2300, 0, 1) - 1;
const TIMES: ReadonlySet<string> = new Set([
  'occurred_at',
  'received_at',
  'cancel_at',
  'expires_at',
  'period_end',
  'period_start',
  'valid_from',
]);

const config = readConfig(z.object(ENGINE_OPTIONS), {
  ...process.env,
  KPI_CLICKHOUSE_DATABASE: `t${randomBytes(6).toString('hex')}`,
});
const decoder = createEventDecoder({
  registry: { schema: (id) => Promise.resolve(SCHEMAS[id - 1]?.text) },
  clock: () => 0,
});
const deadLetters = { keep: () => Promise.resolve(), drop: () => Promise.resolve() };
let history: History;
let records: ArchivedRecords;

beforeAll(async () => {
  history = createHistory(config, createLog({ name: 'test', level: 'silent' }));
  await history.migrate();
  records = createArchivedRecords(config);
});

afterAll(async () => {
  await records.close();
  await history.drop();
  await history.close();
});

const RECORD = fc.oneof(
  ...SCHEMAS.map(({ values }, index) => values.map((value) => framed(index + 1, value))),
);
const VALUES = fc.array(RECORD, { minLength: 400, maxLength: 500 });

/** The event as a row can hold it: an empty key is none, and times end. */
function asKept(event: KpiEvent): KpiEvent {
  const fields = Object.entries(event).map(([name, value]: [string, unknown]) => {
    if (TIMES.has(name) && typeof value === 'number')
      return [name, Math.min(Math.max(value, TIME_MS_MIN), TIME_MS_MAX)];
    return [name, value === '' && /^(?:account|user)_id$/.test(name) ? null : value];
  });
  return Object.assign({}, event, Object.fromEntries(fields));
}

async function decoded(batch: LogBatch): Promise<ReadonlyMap<number, KpiEvent>> {
  const events = new Map<number, KpiEvent>();
  for (const record of batch.records) {
    const answer = await decoder.decode(record);
    if (!(answer instanceof Fault)) events.set(record.offset, asKept(answer.event));
  }
  return events;
}

async function all(rows: AsyncIterable<ArchivedRecord>): Promise<ReadonlyMap<number, KpiEvent>> {
  const events = new Map<number, KpiEvent>();
  for await (const row of rows)
    events.set(
      row.offset,
      eventOfFields((field) => row.valueOf(field)),
    );
  return events;
}

let partitions = 0;

async function archive(values: readonly Buffer[]) {
  partitions += 1;
  const batch = batchOf(values, partitions);
  const { block } = await readStretch(batch, {
    decoder,
    deadLetters,
    clock: () => 0,
    erasures: 0,
    isErased: () => false,
  });
  await history.insertBlocks({ blocks: [block], token: `drawn-${partitions}` });
  const { topic, partition, firstOffset: from, nextOffset: to } = batch;
  return { batch, range: { topic, partition, from, to } };
}

test('what is read back of a record is the event that decoding it gives, and the same fact', async () => {
  const seen = new Set<string>();
  await fc.assert(
    fc.asyncProperty(VALUES, async (values) => {
      const { batch, range } = await archive(values);
      const expected = await decoded(batch);
      const found = await all(records.read(range, EVENT_TYPES));
      expect(found).toEqual(expected);
      for (const [offset, event] of found) {
        seen.add(event.event_type);
        const other = expected.get(offset);
        const saidOf = (one: KpiEvent) => factsOf(one, offset, DEFAULT_DEFINITIONS);
        expect(saidOf(event)).toEqual(other && saidOf(other));
      }
    }),
    // Making a counterexample smaller would take an insert a step.
    { numRuns: 5, endOnFailure: true },
  );
  expect([...seen].toSorted()).toEqual([...EVENT_TYPES].toSorted());
});

test('only the types that are asked for are read, and what takes others back', async () => {
  const [values = []] = fc.sample(VALUES, { numRuns: 1, seed: 5 });
  const { batch, range } = await archive(values);
  const expected = [...(await decoded(batch))].filter(
    ([, event]) => isCounted(event.event_type) || event.retracts !== null,
  );
  expect(expected.length).toBeGreaterThan(100);
  const found = await all(records.read(range, EVENT_TYPES.filter(isCounted)));
  expect([...found.keys()]).toEqual(expected.map(([offset]) => offset));
  const middle = await all(records.read({ ...range, from: 100, to: 120 }, EVENT_TYPES));
  expect([...middle.keys()].every((offset) => offset >= 100 && offset < 120)).toBe(true);
});

test('counts tell every record by stretch and sender, with the time of the last', async () => {
  const [values = []] = fc.sample(VALUES, { numRuns: 1, seed: 6 });
  const { batch, range } = await archive(values);
  const step = 150;
  const expected = new Map<string, readonly [records: number, lastAt: number]>();
  for (const [offset, event] of await decoded(batch)) {
    const { tenant_id, event_type, source, occurred_at } = event;
    const stretch = Math.floor((offset - range.from) / step);
    const name = JSON.stringify([stretch, tenant_id, event_type, source]);
    const [count, lastAt] = expected.get(name) ?? [0, -Infinity];
    expected.set(name, [count + 1, Math.max(lastAt, occurred_at)]);
  }
  const counts = await records.counts(range, step);
  const found = counts.map(
    ({ stretch, tenantId, eventType, source, records: count, lastAt }) =>
      [JSON.stringify([stretch, tenantId, eventType, source]), [count, lastAt]] as const,
  );
  expect(new Map(found)).toEqual(expected);
});
