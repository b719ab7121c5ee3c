import { type Dispatch, Fault, PART, homesFact } from '@kpi/core';
import { type OutgoingRecord, partitionOf } from '@kpi/kafka';
import { expect, test } from 'vitest';

import { type Told, createTeller, readTold } from './facts-log.ts';

const PARTITIONS = 4;
const TOPIC = 'kpi.facts.v1';

async function recordsOf(
  dispatches: readonly Dispatch[],
  stale: readonly string[] = [],
): Promise<readonly OutgoingRecord[]> {
  const sent: OutgoingRecord[] = [];
  const send = async (records: readonly OutgoingRecord[]): Promise<void> =>
    void sent.push(...records);
  const tell = createTeller({ producer: { send }, topic: TOPIC, partitions: PARTITIONS });
  await tell({ generation: 3, dispatches, stale });
  return sent;
}

function toldIn(record: Pick<OutgoingRecord, 'value'> | undefined): Told {
  const told = readTold({ value: record?.value ?? null });
  if (told instanceof Fault) throw told;
  return told;
}

const completion: Dispatch['facts'][number] = {
  entity: `r${PART}u1${PART}basics`,
  fact: {
    kind: 'completion',
    version: null,
    key: `lms${PART}c1`,
    eventId: 'c1',
    at: 20,
    sourceVersion: 2,
    receivedAt: 21,
    offset: 7,
    account: 'a:1',
  },
};
const ofNobody = { ...completion, fact: { ...completion.fact, account: '' } };

test('what is told is read as it was, also of a user without an account', async () => {
  const dispatches = [
    { to: `acme${PART}a2`, facts: [completion, homesFact(`w${PART}u1`, ['user:u1', 'a:1'])] },
    { to: `acme${PART}user:u1`, facts: [ofNobody] },
  ];
  const records = await recordsOf(dispatches);
  const read = records.flatMap((record) => toldIn(record).dispatches);
  expect(read.toSorted((a, b) => (a.to < b.to ? -1 : 1))).toEqual(dispatches);
});

test('two homes that enter the same user at once are both entered', async () => {
  const to = `acme${PART}${PART}7`;
  const seen = (home: string) => ({ to, facts: [homesFact(`u${PART}u1`, [home])] });
  const [record] = await recordsOf([seen('a2'), seen('a1')]);
  expect(toldIn(record).dispatches).toEqual([
    { to, facts: [homesFact(`u${PART}u1`, ['a1', 'a2'])] },
  ]);
});

test('one record goes to each partition, whatever the number of homes there', async () => {
  const dispatches = Array.from({ length: 50 }, (_, index) => ({
    to: `acme${PART}a${index}`,
    facts: [completion],
  }));
  const records = await recordsOf(dispatches);
  expect(records).toHaveLength(PARTITIONS);
  for (const record of records) {
    const homes = toldIn(record).dispatches.map(({ to }) => partitionOf(to, PARTITIONS));
    expect(new Set(homes)).toEqual(new Set([partitionOf(record.key, PARTITIONS)]));
  }
});

test.each([
  ['nothing', ''],
  ['no JSON', '{'],
  ['another shape', '{"to":"a1"}'],
  ['a home without a name', textOf({ told: [['acme', [['r', '[]']]]] })],
  ['a stale home without a name', textOf({ stale: ['acme'] })],
  ['an unknown kind of fact', textOf({ told: [[`acme${PART}a1`, [['r', '[["?"]]']]]] })],
])('%s is a fault, and nothing is taken', (_what, text) => {
  expect(readTold({ value: Buffer.from(text) })).toBeInstanceOf(Fault);
});

function textOf(given: object): string {
  return JSON.stringify({ generation: 1, told: [], stale: [], ...given });
}

test('a home that must be read again is named once, beside what it is told', async () => {
  const to = `acme${PART}a2`;
  const dispatches = [{ to, facts: [completion] }];
  const [record, ...more] = await recordsOf(dispatches, [to, to]);
  expect(more).toEqual([]);
  expect(toldIn(record)).toEqual({ generation: 3, dispatches, stale: [to] });
});
