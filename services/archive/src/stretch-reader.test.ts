import { EventBlock } from '@kpi/clickhouse';
import { EVENT_TYPES, Fault, type IsErased, namesErased } from '@kpi/core';
import { type DeadLetter, type EventDecoder, type LogBatch, createEventDecoder } from '@kpi/kafka';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';

import { cutBatch } from './cut-batch.ts';
import { readStretch } from './stretch-reader.ts';
import { batchOf, drawnSchemas, framed } from './test-records.ts';

const SCHEMAS = drawnSchemas();

/** A decoder that knows all schemas and notes which types it lets be transcribed; one that lets none. */
async function setUp() {
  const decoder = createEventDecoder({
    registry: { schema: (id) => Promise.resolve(SCHEMAS[id - 1]?.text) },
    clock: () => 0,
  });
  for (const id of SCHEMAS.keys())
    await decoder.decode({ value: framed(id + 1, Buffer.alloc(0)), timestampMs: 0 });
  const transcribed = new Set<string>();
  const noting: EventDecoder = {
    ...decoder,
    transcriberOf(encoded) {
      const transcriber = decoder.transcriberOf(encoded);
      if (transcriber !== undefined) transcribed.add(transcriber.eventType);
      return transcriber;
    },
  };
  return { noting, decoding: { ...decoder, transcriberOf: () => undefined }, transcribed };
}

const RECORD = fc.oneof(
  ...SCHEMAS.map(({ values }, index) => values.map((value) => framed(index + 1, value))),
  fc.uint8Array({ maxLength: 9 }).map((bytes) => Buffer.from(bytes)),
);

const BATCH: fc.Arbitrary<LogBatch> = fc
  .array(RECORD, { minLength: 1, maxLength: 60 })
  .map((values) => batchOf(values, 3));

type Erasures = Pick<Parameters<typeof readStretch>[1], 'erasures' | 'isErased'>;
const NONE: Erasures = { erasures: 0, isErased: () => false };

async function read(
  batch: LogBatch,
  decoder: EventDecoder,
  { erasures, isErased }: Erasures = NONE,
) {
  const letters: DeadLetter[] = [];
  const deadLetters = {
    keep: async (kept: readonly DeadLetter[]) => void letters.push(...kept),
    drop: async () => undefined,
  };
  const stretch = await readStretch(batch, {
    decoder,
    deadLetters,
    clock: () => 0,
    erasures,
    isErased,
  });
  return { ...stretch, letters };
}

test('records are the same bytes for ClickHouse and the same dead letters, transcribed or decoded', async () => {
  const { noting, decoding, transcribed } = await setUp();
  await fc.assert(
    fc.asyncProperty(BATCH, async (batch) => {
      const one = await read(batch, noting);
      const other = await read(batch, decoding);
      expect([one.block.rows, one.refused]).toEqual([other.block.rows, other.refused]);
      expect(one.block.rows + one.refused).toBe(batch.records.length);
      expect(Buffer.from(one.block.encode()).equals(other.block.encode())).toBe(true);
      expect(one.letters).toEqual(other.letters);
    }),
    { numRuns: 200 },
  );
  // Something was compared.
  expect([...transcribed].toSorted()).toEqual([...EVENT_TYPES].toSorted());
});

test('a stretch that is read in pieces is the same bytes, and no record is in two of them', async () => {
  const { noting } = await setUp();
  await fc.assert(
    fc.asyncProperty(BATCH, fc.array(fc.nat(70), { maxLength: 3 }), async (batch, cuts) => {
      const whole = await read(batch, noting);
      const joined = new EventBlock(batch);
      const pieces = cutBatch(batch, cuts);
      for (const piece of pieces) joined.append((await read(piece, noting)).block);
      expect(pieces.flatMap(({ records }) => records)).toEqual(batch.records);
      expect(pieces.map(({ firstOffset }) => firstOffset)).toEqual([
        batch.firstOffset,
        ...pieces.slice(0, -1).map(({ nextOffset }) => nextOffset),
      ]);
      expect(Buffer.from(joined.encode()).equals(whole.block.encode())).toBe(true);
    }),
    { numRuns: 40 },
  );
});

test('records that name somebody who was erased have no row, and no dead letter', async () => {
  const { noting } = await setUp();
  const isErased: IsErased = (_tenantId, { id }) => id.length % 2 === 1;
  await fc.assert(
    fc.asyncProperty(BATCH, async (batch) => {
      const whole = await read(batch, noting);
      const left = await read(batch, noting, { erasures: 1, isErased });
      const decoded = await noting.decodeAll(batch.records);
      const named = decoded.filter(
        (one) => !(one instanceof Fault) && namesErased(one.event, isErased),
      );
      expect(left.erased).toBe(named.length);
      expect(left.block.rows + left.erased).toBe(whole.block.rows);
      expect(left.letters).toEqual(whole.letters);
    }),
    { numRuns: 60 },
  );
});
