import { type ArchivedRecords } from '@kpi/clickhouse';
import { Fault, type KpiEvent, type UserMerged, countedTypes } from '@kpi/core';
import { partitionOf } from '@kpi/kafka';
import { createLog } from '@kpi/runtime';
import { expect, test } from 'vitest';

import { archivedPast } from './archived-past.ts';
import { type DecodedBatch } from './partition-worker.ts';
import { NO_PAST } from './past.ts';

const TOPIC = 'kpi.product.v1';
const PARTITIONS = 4;
const log = createLog({ name: 'test', level: 'silent' });

/** An event at each of these offsets; a name is given by its offset. */
type Rows = ReadonlyMap<number, KpiEvent>;

function merged(offset: number): UserMerged {
  return {
    event_id: `e${offset}`,
    occurred_at: 1_000 + offset,
    tenant_id: 'acme',
    account_id: 'a1',
    user_id: 'u2',
    source: offset % 2 === 0 ? 'even' : 'odd',
    source_version: 0,
    retracts: null,
    received_at: 1,
    event_type: 'user.merged',
    schema_version: 1,
    source_event_type: null,
    anonymous_id: null,
    pii_class: 'none',
    external_ids: {},
    attributes: {},
    from_user_id: 'u1',
    into_user_id: 'u2',
  };
}

/** Archived records in memory. Each reading fails after `readsMax` rows, as a server does that goes away. */
function recordsOf(rows: Rows, readsMax = Infinity): Pick<ArchivedRecords, 'counts' | 'read'> {
  const inside = (range: { from: number; to: number }) =>
    [...rows].filter(([offset]) => offset >= range.from && offset < range.to);
  return {
    counts: (range, step) =>
      Promise.resolve(
        inside(range).map(([offset, event]) => ({
          stretch: Math.floor((offset - range.from) / step),
          tenantId: event.tenant_id,
          eventType: event.event_type,
          source: event.source,
          records: 1,
          lastAt: event.occurred_at,
        })),
      ),
    async *read(range) {
      let read = 0;
      for (const [offset, event] of inside(range)) {
        if (read === readsMax) throw new Fault('history_unreachable', 'gone');
        read += 1;
        yield { offset, valueOf: (field) => Reflect.get(event, field) };
      }
    },
  };
}

interface Given {
  readonly records: Pick<ArchivedRecords, 'counts' | 'read'>;
  readonly offset: number;
  readonly refused?: number;
  readonly partition?: number;
}

async function give({ records, offset, refused = 0, partition = 0 }: Given) {
  const place = `${TOPIC}:${partition}`;
  const past = await archivedPast({
    records,
    partitions: PARTITIONS,
    isErased: () => false,
    progress: () =>
      Promise.resolve({
        offsets: new Map([[place, offset]]),
        refused: new Map([[place, refused]]),
        erased: new Map(),
      }),
    log,
  }).open([{ topic: TOPIC, partition, start: 0 }]);
  const batches: DecodedBatch[] = [];
  const positions = new Map<string, number>();
  await past.give(partition, {
    positions: () => positions,
    types: countedTypes(new Map()),
    apply: (batch) => {
      expect(batch.next).toBeGreaterThan(positions.get(batch.topic) ?? 0);
      positions.set(batch.topic, batch.next);
      batches.push(batch);
      return Promise.resolve();
    },
    signal: new AbortController().signal,
  });
  return { past, batches, positions };
}

const ROWS: Rows = new Map(
  [0, 1, 1_999, 2_000, 7_777, 99_999, 100_000, 230_000].map((offset) => [offset, merged(offset)]),
);

function offsetsOf(batches: readonly DecodedBatch[]): readonly number[] {
  return [...new Set(batches.flatMap(({ events }) => events.map(({ offset }) => offset)))];
}

test('batches follow on each other up to where the archive is, with every event and the count of all', async () => {
  const { past, batches, positions } = await give({
    records: recordsOf(ROWS),
    offset: 230_001,
    refused: 3,
  });
  expect(past.records).toBe(230_001);
  expect(positions).toEqual(new Map([[TOPIC, 230_001]]));
  expect(offsetsOf(batches)).toEqual([...ROWS.keys()]);
  for (const { events, next } of batches)
    for (const { offset } of events)
      expect(Math.ceil((offset + 1) / 2_000)).toBe(Math.ceil(next / 2_000));
  expect(batches.reduce((sum, { records }) => sum + records, 0)).toBe(ROWS.size);
  expect(batches.map(({ refused }) => refused).filter((count) => count > 0)).toEqual([3]);
  expect(batches.at(-1)?.refused).toBe(3);
  expect([...(batches[0]?.sources ?? [])]).toEqual([
    ['["acme","user.merged","even"]', 1_000],
    ['["acme","user.merged","odd"]', 1_000 + 1_999],
  ]);
});

test('history that goes away again and again gives everything once', async () => {
  const { batches } = await give({ records: recordsOf(ROWS, 4), offset: 100_000 });
  expect(offsetsOf(batches)).toEqual([...ROWS.keys()].filter((offset) => offset < 100_000));
  expect(batches.reduce((sum, { records }) => sum + records, 0)).toBe(6);
});

test('a record of a merge belongs to the homes that are keyed into its partition', async () => {
  const keys = ['acme\u001fa1', 'acme\u001fuser:u1', 'acme\u001fuser:u2'];
  for (const partition of new Set(keys.map((key) => partitionOf(key, PARTITIONS)))) {
    const { batches } = await give({ records: recordsOf(ROWS), offset: 1, partition });
    const found = batches.flatMap(({ events }) => events.map(({ key }) => String(key)));
    expect(found).toEqual(keys.filter((key) => partitionOf(key, PARTITIONS) === partition));
  }
});

test('a record that its producer put into another partition has the key it should have', async () => {
  const keys = ['acme\u001fa1', 'acme\u001fuser:u1', 'acme\u001fuser:u2'];
  const homes = new Set(keys.map((key) => partitionOf(key, PARTITIONS)));
  const elsewhere = [0, 1, 2, 3].find((partition) => !homes.has(partition));
  if (elsewhere === undefined) throw new Error('every partition is home to one');
  const { batches } = await give({ records: recordsOf(ROWS), offset: 1, partition: elsewhere });
  expect(batches.flatMap(({ events }) => events.map(({ key }) => String(key)))).toEqual([
    'acme\u001fa1',
  ]);
});

test('a log that begins later than history ends is refused, one that begins there is not', async () => {
  const source = archivedPast({
    records: recordsOf(ROWS),
    partitions: PARTITIONS,
    isErased: () => false,
    progress: () =>
      Promise.resolve({
        offsets: new Map([[`${TOPIC}:1`, 40]]),
        refused: new Map(),
        erased: new Map(),
      }),
    log,
  });
  await expect(source.open([{ topic: TOPIC, partition: 1, start: 41 }])).rejects.toMatchObject({
    code: 'history_incomplete',
    detail: expect.stringContaining('1 offsets are in neither'),
  });
  await expect(source.open([{ topic: TOPIC, partition: 1, start: 40 }])).resolves.toBeDefined();
});

test('without another past a log must begin at its beginning', async () => {
  await expect(NO_PAST.open([{ topic: TOPIC, partition: 1, start: 41 }])).rejects.toMatchObject({
    code: 'offset_lost',
    detail: expect.stringContaining('kpi rebuild --from clickhouse'),
  });
  const past = await NO_PAST.open([{ topic: TOPIC, partition: 1, start: 0 }]);
  expect(past.records).toBe(0);
});
