import * as fc from 'fast-check';
import { expect, test } from 'vitest';

import type { RowOutcome } from '../mapping/map-row.ts';
import { readBatches } from './batches.ts';
import type { PlannedInput } from './plan.ts';
import { NO_TALLY, addTallies } from './tally.ts';

const EVENT: RowOutcome = { kind: 'events', events: [{ event_type: 'a.b' }] };
const TWO: RowOutcome = { kind: 'events', events: [{ event_type: 'a.b' }, { event_type: 'a.c' }] };
const NONE: RowOutcome = { kind: 'events', events: [] };
const SKIPPED: RowOutcome = { kind: 'skipped', reason: 'a draft' };
const REFUSED: RowOutcome = { kind: 'refused', reason: '"x" is not a number' };

const ROW_BYTES = 10;

function input(name: string, outcomes: readonly RowOutcome[]): PlannedInput {
  const file = { path: name, name, bytes: outcomes.length * ROW_BYTES, isNamed: true };
  return {
    file: { ...file, read: () => (async function* () {})() },
    async *rows() {
      for (const [index, outcome] of outcomes.entries()) {
        yield { line: index + 1, endByte: (index + 1) * ROW_BYTES, outcome };
      }
    },
  };
}

function batchesOf(inputs: readonly PlannedInput[], options = {}) {
  return Array.fromAsync(readBatches(inputs, { eventsMax: 3, skipRows: 0, ...options }));
}

test('rows are grouped up to the limit of events, and events of one row stay together', async () => {
  const batches = await batchesOf([input('a', [EVENT, TWO, TWO, EVENT, EVENT])]);
  expect(batches.map(({ events }) => events.length)).toEqual([3, 3, 1]);
  expect(batches.map(({ rowsDone }) => rowsDone)).toEqual([2, 4, 5]);
  expect(batches.map(({ bytesDone }) => bytesDone)).toEqual([20, 40, 50]);
});

test('every event and every refusal knows its file and line', async () => {
  const [batch] = await batchesOf([input('a', [SKIPPED, REFUSED]), input('b', [NONE, EVENT])]);
  expect(batch?.events.map(({ file, line }) => [file, line])).toEqual([['b', 2]]);
  expect(batch?.refusals).toEqual([{ file: 'a', line: 2, reason: '"x" is not a number' }]);
});

test('what happened to the rows is counted, reasons without the values they quote', async () => {
  const [batch] = await batchesOf([input('a', [SKIPPED, REFUSED, NONE, TWO])]);
  expect(batch?.tally).toEqual({
    ...NO_TALLY,
    rows: 4,
    skippedRows: 1,
    refusedRows: 1,
    idleRows: 1,
    events: 2,
    eventsByType: { 'a.b': 1, 'a.c': 1 },
    skipReasons: { 'a draft': 1 },
    refusalReasons: { '… is not a number': 1 },
  });
});

test('rows done by an earlier run are read but not sent', async () => {
  const inputs = [input('a', [EVENT, EVENT]), input('b', [EVENT, EVENT])];
  const batches = await batchesOf(inputs, { skipRows: 3 });
  expect(batches).toHaveLength(1);
  expect(batches[0]).toMatchObject({ rowsDone: 4, bytesDone: 40, tally: { rows: 1 } });
  expect(batches[0]?.events.map(({ file, line }) => [file, line])).toEqual([['b', 2]]);
});

test('a limit of rows holds for each file', async () => {
  const inputs = [input('a', [EVENT, EVENT]), input('b', [EVENT, EVENT])];
  const [batch] = await batchesOf(inputs, { rowsMax: 1 });
  expect(batch?.events.map(({ file, line }) => [file, line])).toEqual([
    ['a', 1],
    ['b', 1],
  ]);
});

test('a batch stays below the size that ingest reads', async () => {
  const large: RowOutcome = {
    kind: 'events',
    events: [{ event_type: 'a.b', attributes: { text: 'é'.repeat(1_000_000) } }],
  };
  const batches = await batchesOf([input('a', [large, large, large])], { eventsMax: 500 });
  expect(batches.map(({ events }) => events.length)).toEqual([2, 1]);
});

test('rows without events make progress too', async () => {
  const batches = await batchesOf([
    input(
      'a',
      Array.from({ length: 10_001 }, () => NONE),
    ),
  ]);
  expect(batches.map(({ rowsDone }) => rowsDone)).toEqual([10_000, 10_001]);
});

test('however the rows are cut into batches and wherever a run begins, each row is in exactly one', async () => {
  const outcomes = fc.array(fc.constantFrom(EVENT, TWO, NONE, SKIPPED, REFUSED), { maxLength: 30 });
  await fc.assert(
    fc.asyncProperty(
      outcomes,
      fc.nat(30),
      fc.integer({ min: 2, max: 9 }),
      async (rows, skip, max) => {
        const skipRows = Math.min(skip, rows.length);
        const batches = await batchesOf([input('a', rows)], { skipRows, eventsMax: max });
        const sum = batches.map(({ tally }) => tally).reduce(addTallies, NO_TALLY);
        expect(sum.rows).toBe(rows.length - skipRows);
        expect(batches.at(-1)?.rowsDone ?? skipRows).toBe(rows.length);
        expect(batches.every(({ events }) => events.length <= max)).toBe(true);
      },
    ),
  );
});
