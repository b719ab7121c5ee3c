import { Fault } from '@kpi/core';
import { afterEach, beforeEach, expect, test } from 'vitest';

import {
  TEST_TOPICS,
  type TestArchive,
  addRecords,
  blockOf,
  createTestArchive,
  eventually,
} from './test-archive.ts';

const [TOPIC = '', OTHER = ''] = TEST_TOPICS;

let it: TestArchive;

beforeEach(async () => {
  it = await createTestArchive();
});

afterEach(async () => {
  await it.close();
});

/** Until the ledger is at these offsets. */
async function archivedUpTo(offsets: Readonly<Record<string, number>>): Promise<void> {
  await eventually(`archived up to ${JSON.stringify(offsets)}`, async () => {
    const stored = await it.offsets();
    return Object.entries(offsets).every(([topic, offset]) => stored.get(`${topic}:0`) === offset);
  });
}

/** What dies in the middle of its work. */
function crash(): never {
  throw new Error('crash');
}

test('records of all topics arrive once, three months of them in one insert', async () => {
  const { archive } = await it.claim();
  await addRecords(archive, TOPIC, { from: 0, to: 70 });
  await addRecords(archive, OTHER, { from: 0, to: 5 });
  await archivedUpTo({ [TOPIC]: 70, [OTHER]: 5 });
  expect(await it.counts()).toEqual({ rows: 75, events: 75 });
});

test('a crash between plan and insert loses nothing', async () => {
  const first = await it.claim(crash);
  await addRecords(first.archive, TOPIC, { from: 0, to: 70 });
  await first.failed;
  expect(await it.counts()).toEqual({ rows: 0, events: 0 });
  const second = await it.claim();
  await addRecords(second.archive, TOPIC, { from: 0, to: 70 });
  await archivedUpTo({ [TOPIC]: 70 });
  expect(await it.counts()).toEqual({ rows: 70, events: 70 });
});

test('a crash between insert and commit doubles nothing, however the log is cut the next time', async () => {
  const first = await it.claim((batch, insert) => insert(batch).then(crash));
  await addRecords(first.archive, TOPIC, { from: 0, to: 70 });
  await first.failed;
  expect(await it.counts()).toEqual({ rows: 70, events: 70 });
  const second = await it.claim();
  await addRecords(second.archive, TOPIC, { from: 0, to: 30 });
  await addRecords(second.archive, OTHER, { from: 0, to: 3 });
  await addRecords(second.archive, TOPIC, { from: 30, to: 90 });
  await archivedUpTo({ [TOPIC]: 90, [OTHER]: 3 });
  expect(await it.counts()).toEqual({ rows: 93, events: 93 });
});

test('a crash in the middle of an insert, with one of two months written, is completed', async () => {
  const january = 31;
  const first = await it.claim(async (batch, insert) => {
    await insert({ ...batch, blocks: [blockOf(TOPIC, [...Array(january).keys()])] });
    crash();
  });
  await addRecords(first.archive, TOPIC, { from: 0, to: 59 });
  await first.failed;
  expect(await it.counts()).toEqual({ rows: january, events: january });
  const second = await it.claim();
  await addRecords(second.archive, TOPIC, { from: 0, to: 59 });
  await archivedUpTo({ [TOPIC]: 59 });
  expect(await it.counts()).toEqual({ rows: 59, events: 59 });
});

test('what follows an unfinished plan is archived though nothing more comes', async () => {
  const first = await it.claim(crash);
  await addRecords(first.archive, TOPIC, { from: 0, to: 10 });
  await first.failed;
  const second = await it.claim();
  await addRecords(second.archive, TOPIC, { from: 0, to: 25 });
  await archivedUpTo({ [TOPIC]: 25 });
  expect(await it.counts()).toEqual({ rows: 25, events: 25 });
});

test('of two archivers the one that was replaced can neither double nor commit', async () => {
  const gate = Promise.withResolvers<void>();
  const reached = Promise.withResolvers<void>();
  const old = await it.claim(async (batch, insert) => {
    reached.resolve();
    await gate.promise;
    await insert(batch);
  });
  await addRecords(old.archive, TOPIC, { from: 0, to: 70 });
  await reached.promise;
  const next = await it.claim();
  await addRecords(next.archive, TOPIC, { from: 0, to: 70 });
  await addRecords(next.archive, TOPIC, { from: 70, to: 80 });
  await archivedUpTo({ [TOPIC]: 80 });
  gate.resolve();
  expect(await old.failed).toMatchObject({ code: 'ownership_lost' });
  await expect(addRecords(old.archive, TOPIC, { from: 70, to: 80 })).rejects.toThrow(Fault);
  expect(await it.counts()).toEqual({ rows: 80, events: 80 });
});

test('refused records have no row, and the offsets pass over them', async () => {
  const { archive } = await it.claim();
  await addRecords(archive, TOPIC, { from: 0, to: 20, refused: [3, 4, 19] });
  await addRecords(archive, OTHER, { from: 0, to: 2, refused: [0, 1] });
  await archivedUpTo({ [TOPIC]: 20, [OTHER]: 2 });
  expect(await it.counts()).toEqual({ rows: 17, events: 17 });
});

test('a ledger that was set back goes on after what history has', async () => {
  const first = await it.claim();
  await addRecords(first.archive, TOPIC, { from: 0, to: 10 });
  await archivedUpTo({ [TOPIC]: 10 });
  const copy = await it.backup();
  await addRecords(first.archive, TOPIC, { from: 10, to: 30 });
  await archivedUpTo({ [TOPIC]: 30 });
  for (const older of [copy, {}]) {
    await it.restore(older);
    const { positions } = await it.claim();
    expect(positions).toEqual(new Map([[TOPIC, 30]]));
  }
});

test('a ledger that was set back into the middle of an insert leaves that insert alone', async () => {
  let copy: Readonly<Record<string, string>> = {};
  const first = await it.claim(async (batch, insert) => {
    if (Object.keys(copy).length === 0) copy = await it.backup();
    await insert(batch);
  });
  await addRecords(first.archive, TOPIC, { from: 0, to: 10 });
  await archivedUpTo({ [TOPIC]: 10 });
  await addRecords(first.archive, TOPIC, { from: 10, to: 30 });
  await archivedUpTo({ [TOPIC]: 30 });
  await it.restore(copy);
  const { archive, positions } = await it.claim();
  expect(positions).toEqual(new Map([[TOPIC, 30]]));
  await addRecords(archive, TOPIC, { from: 30, to: 40 });
  await archivedUpTo({ [TOPIC]: 40 });
  expect(await it.counts()).toEqual({ rows: 40, events: 40 });
});
