import { DEFAULT_DEFINITIONS, PART, homesFact } from '@kpi/core';
import { type OutgoingRecord } from '@kpi/kafka';
import { expect, test } from 'vitest';

import { readBatch } from './batch-reader.ts';
import { type Told, createTeller } from './facts-log.ts';

const TOPIC = 'kpi.facts.v1';
const HOMES = ['own', 'other', 'all'].map((name) => `acme${PART}${name}`);

function unused(): never {
  throw new RangeError('records of facts are no events');
}

/** What a reader of generation 3 takes of what is told. */
async function heard(told: readonly Told[]) {
  const sent: OutgoingRecord[] = [];
  const producer = {
    send: async (records: readonly OutgoingRecord[]): Promise<void> => void sent.push(...records),
  };
  const tell = createTeller({ producer, topic: TOPIC, partitions: 1 });
  for (const one of told) await tell(one);
  const records = sent.map(({ value }, offset) => ({
    offset,
    key: null,
    value,
    timestampMs: 0,
    headers: undefined,
  }));
  const end = records.length;
  return readBatch(
    { topic: TOPIC, partition: 0, firstOffset: 0, nextOffset: end, highWatermark: end, records },
    {
      decoder: { decode: unused, decodeAll: unused, decodeRead: unused, transcriberOf: unused },
      deadLetters: { keep: unused, drop: unused },
      clock: () => 0,
      definitionsOf: () => DEFAULT_DEFINITIONS,
      factsTopic: TOPIC,
      generation: 3,
      erased: {
        refresh: () => Promise.resolve(),
        refreshWhenDue: () => Promise.resolve(),
        isErased: () => false,
        isNamedBy: () => false,
      },
    },
  );
}

test('what is told in another generation of the store is passed over, what is for all is not', async () => {
  const [own = '', other = '', all = ''] = HOMES;
  const facts = [homesFact(`u${PART}u1`, ['a1'])];
  const { told, stale, next } = await heard([
    { generation: 3, dispatches: [{ to: own, facts }], stale: [own] },
    { generation: 2, dispatches: [{ to: other, facts }], stale: [other] },
    { generation: null, dispatches: [], stale: [all] },
  ]);
  expect(told).toEqual(new Map([[own, facts]]));
  expect(stale).toEqual(new Set([own, all]));
  expect(next).toBe(3);
});
