import { DAY_MS } from '@kpi/core';
import { type OutgoingRecord } from '@kpi/kafka';
import { afterEach, beforeEach, expect, test } from 'vitest';

import { audit } from '../faults/audit.ts';
import { type DeadLetterReader, followDeadLetters } from '../faults/dead-letters.ts';
import { type Stage, createStage } from '../faults/stage.ts';
import { type BuiltType, event } from '../support/event.ts';
import { type Pipeline, createPipeline } from '../support/pipeline.ts';

/** One event type for each input topic. */
const TYPES = [
  'product.action_performed',
  'lms.course_completed',
  'support.ticket_created',
  'billing.invoice_paid',
  'survey.response_submitted',
  'fx.rate_published',
] as const satisfies readonly BuiltType[];

type OneOfTypes = (typeof TYPES)[number];

const UNKNOWN_SCHEMA = 987_654_321;

let pipeline: Pipeline;
let stage: Stage;
let letters: DeadLetterReader;

beforeEach(async () => {
  pipeline = await createPipeline(2);
  stage = await createStage(pipeline);
  letters = await followDeadLetters(pipeline);
});

afterEach(async () => {
  await letters.close();
  await stage.close();
});

/** The bytes of a good event; no two are alike. */
function good(type: OneOfTypes, number: number): Buffer {
  const fields = {
    event_id: `${TYPES.indexOf(type)}-${number}`,
    occurred_at: Date.now() - 7 * DAY_MS + number,
    account_id: 'a1',
    user_id: 'u1',
  };
  return pipeline.encoder.encode(event(type, fields));
}

/** What a value can have wrong with it, made of a good one, and the reason it is refused for. */
const DAMAGES: readonly (readonly [
  reason: string,
  damage: (bytes: Buffer, type: string) => Buffer | null,
])[] = [
  [
    'schema_unknown',
    (bytes) => {
      const damaged = Buffer.from(bytes);
      damaged.writeUInt32BE(UNKNOWN_SCHEMA, 1);
      return damaged;
    },
  ],
  ['avro_invalid', (bytes) => bytes.subarray(0, -4)],
  ['avro_invalid', (bytes) => Buffer.concat([bytes, Buffer.from([0, 1, 2])])],
  ['avro_invalid', () => null],
  ['avro_invalid', () => Buffer.alloc(0)],
  ['avro_invalid', (bytes) => Buffer.concat([bytes.subarray(0, 5), Buffer.alloc(40, 0xff)])],
  [
    'avro_invalid',
    (bytes, type) => {
      const damaged = Buffer.from(bytes);
      damaged.write('X', damaged.indexOf(type));
      return damaged;
    },
  ],
];

/** Good records with every kind of bad one between them, the last one bad. */
function mixture(
  type: OneOfTypes,
): readonly { readonly record: OutgoingRecord; readonly reason?: string }[] {
  const place = { topic: pipeline.topics.of(type), key: 'acme\u001fa1' };
  return DAMAGES.flatMap(([reason, damage], number) => [
    { record: { ...place, value: good(type, number) } },
    { record: { ...place, value: damage(good(type, 100 + number), type) }, reason },
  ]);
}

test('records that are no events are kept once, counted, and change nothing else', async () => {
  await stage.start(['aggregate', 'archive'], { KPI_ARCHIVE_WAIT_MS: '100' });
  const sent = TYPES.flatMap(mixture);
  const bad = sent.filter(({ reason }) => reason !== undefined);
  await pipeline.producer.send(sent.map(({ record }) => record));
  const found = await audit(stage);
  const counted = { records: sent.length, refused: bad.length, refusedLive: bad.length };
  expect(found).toMatchObject({
    ...counted,
    rows: sent.length - bad.length,
    distinctRows: sent.length - bad.length,
    eventsLive: sent.length - bad.length,
    log: { disagreements: [], refused: bad.length },
  });
  for (const service of ['aggregate', 'archive'] as const) {
    expect(await stage.metric(service, `kpi_${service}_refused_total`)).toBe(bad.length);
    await stage.stop(service);
  }

  await letters.untilRecords(2 * bad.length);
  expect(letters.letters.size).toBe(bad.length);
  const kept = [...letters.letters.values()].map(({ origin, reason, body }) =>
    [origin.kind === 'topic' ? origin.topic : '', reason, body].join(' '),
  );
  const expected = bad.map(({ record: { topic, value }, reason }) =>
    [topic, reason, (value ?? Buffer.alloc(0)).toString('base64')].join(' '),
  );
  expect(new Set(kept)).toEqual(new Set(expected));

  await stage.start(['aggregate', 'archive']);
  await pipeline.producer.send(
    TYPES.map((type) => ({
      topic: pipeline.topics.of(type),
      key: 'acme\u001fa1',
      value: good(type, 200),
    })),
  );
  expect(await audit(stage)).toMatchObject({
    ...counted,
    records: sent.length + TYPES.length,
    rows: sent.length - bad.length + TYPES.length,
    log: { disagreements: [] },
  });
  expect(letters.records).toBe(2 * bad.length);
  expect(stage.failures).toEqual([]);
});
