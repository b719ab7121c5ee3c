import {
  EVENT_TYPES,
  type EventType,
  Fault,
  type LmsCourseCompleted,
  type MarketingSpendRecorded,
  type ProductActionPerformed,
} from '@kpi/core';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { createEventDecoder, type Decoded } from './event-decoder.ts';
import { createEventEncoder } from './event-encoder.ts';
import { type EventGlance } from './event-glance.ts';
import { parseAvro } from './event-schemas.ts';
import { EVENT_SCHEMAS } from './schemas.gen.ts';
import { HEADER_BYTES, writeHeader } from './wire-header.ts';

const IDS: ReadonlyMap<EventType, number> = new Map(
  EVENT_TYPES.map((eventType, index) => [eventType, index + 1]),
);
const ARRIVED_MS = 1_700_000_000_000;

const COMPLETED: LmsCourseCompleted = {
  event_id: 'e1',
  occurred_at: 1_699_999_999_123,
  tenant_id: 'acme',
  account_id: 'a1',
  user_id: 'u1',
  source: 'lms',
  source_version: 3,
  retracts: null,
  received_at: 1_699_999_999_999,
  event_type: 'lms.course_completed',
  schema_version: 1,
  source_event_type: null,
  anonymous_id: null,
  pii_class: 'pseudonymous',
  external_ids: { lms: 'x-1' },
  course_id: 'onboarding',
  course_version: null,
  success: true,
  score_scaled: 0.75,
  manual: false,
  attributes: { campaign: 'spring' },
};

const ACTION: ProductActionPerformed = {
  event_id: 'e2',
  occurred_at: 1_699_999_999_123,
  tenant_id: 'acme',
  account_id: 'a1',
  user_id: 'u1',
  source: 'app',
  source_version: 0,
  retracts: null,
  received_at: 1_699_999_999_999,
  event_type: 'product.action_performed',
  schema_version: 1,
  source_event_type: null,
  anonymous_id: null,
  pii_class: 'pseudonymous',
  external_ids: {},
  action: 'open',
  feature: 'board',
  is_value_event: false,
  attributes: {},
};

/** The registry's answers by id, with a count of the questions; `outage` makes it unreachable. */
class Registry {
  asked = 0;
  outage = false;
  readonly extra = new Map<number, string>();

  async schema(id: number): Promise<string | undefined> {
    this.asked += 1;
    if (this.outage) throw new Fault('registry_unreachable', 'down');
    const eventType = EVENT_TYPES[id - 1];
    return this.extra.get(id) ?? (eventType && EVENT_SCHEMAS[eventType].at(-1));
  }
}

function setUp() {
  const registry = new Registry();
  const time = { now: 0 };
  const decoder = createEventDecoder({ registry, clock: () => time.now });
  const decode = async (value: Buffer | null): Promise<Decoded> =>
    decoder.decode({ value, timestampMs: ARRIVED_MS });
  return { registry, time, decode };
}

const encoder = createEventEncoder(IDS);
const GOOD = encoder.encode(COMPLETED);

function codeOf(decoded: Decoded): string {
  return decoded instanceof Fault ? decoded.code : 'decoded';
}

describe('an event', () => {
  test('is decoded as it was encoded', async () => {
    const { decode } = setUp();
    expect(await decode(GOOD)).toEqual({
      event: COMPLETED,
      schemaId: IDS.get('lms.course_completed'),
    });
  });

  test('longer than the usual buffer is encoded whole', async () => {
    const { decode } = setUp();
    const long = { ...COMPLETED, attributes: { note: 'x'.repeat(5_000) } };
    expect(await decode(encoder.encode(long))).toMatchObject({ event: long });
  });

  test('encoded before another keeps its bytes', () => {
    const first = encoder.encode(COMPLETED);
    encoder.encode({ ...COMPLETED, event_id: 'e2' });
    expect(first.equals(GOOD)).toBe(true);
  });

  test('whose producer left received_at 0 was received when the broker says', async () => {
    const { decode } = setUp();
    const decoded = await decode(encoder.encode({ ...COMPLETED, received_at: 0 }));
    expect(decoded).toMatchObject({ event: { received_at: ARRIVED_MS } });
  });

  test('that does not fit its schema is refused before it is sent', () => {
    expect(() => encoder.encode({ ...COMPLETED, occurred_at: 1.5 })).toThrow(Fault);
  });
});

/** Spend as the first version of its schema wrote it. */
const SPENT: MarketingSpendRecorded = {
  event_id: 'e3',
  occurred_at: 1_699_999_999_123,
  tenant_id: 'acme',
  account_id: null,
  user_id: null,
  source: 'erp',
  source_version: 0,
  retracts: null,
  received_at: 1_699_999_999_999,
  event_type: 'marketing.spend_recorded',
  schema_version: 1,
  source_event_type: null,
  anonymous_id: null,
  pii_class: 'none',
  external_ids: {},
  spend_id: 's1',
  amount_minor: 5_000,
  currency: 'EUR',
  period_start: 1_696_118_400_000,
  period_end: 1_698_796_800_000,
  kind: 'marketing',
  channel: 'ads',
  attributes: {},
};

test('what an earlier version of a schema wrote is read as ours', async () => {
  const { registry, decode } = setUp();
  const [first = '', ...later] = EVENT_SCHEMAS['marketing.spend_recorded'];
  expect(later).not.toEqual([]);
  const schemaId = EVENT_TYPES.length + 1;
  registry.extra.set(schemaId, first);
  const header = Buffer.alloc(HEADER_BYTES);
  writeHeader(header, schemaId);
  const value = Buffer.concat([header, parseAvro(first).toBuffer(SPENT)]);
  expect(await decode(value)).toEqual({ event: SPENT, schemaId });
});

describe('bad bytes', () => {
  test('are refused when truncated anywhere', async () => {
    const { decode } = setUp();
    for (let size = 0; size < GOOD.length; size += 1) {
      expect(codeOf(await decode(GOOD.subarray(0, size)))).toBe('avro_invalid');
    }
  });

  test('are refused when something follows the event', async () => {
    const { decode } = setUp();
    expect(codeOf(await decode(Buffer.concat([GOOD, Buffer.of(0)])))).toBe('avro_invalid');
  });

  test('are refused when there are none', async () => {
    const { decode } = setUp();
    expect(codeOf(await decode(null))).toBe('avro_invalid');
  });

  test('are refused when the header is not Confluent’s', async () => {
    const { decode } = setUp();
    expect(codeOf(await decode(Buffer.from('{"json": true}')))).toBe('avro_invalid');
  });

  test('are refused when event_type is that of another record', async () => {
    const { decode } = setUp();
    const other = encoder.encode(COMPLETED);
    const at = other.indexOf('lms.course_completed');
    other.write('lms.course_complexed', at);
    expect(codeOf(await decode(other))).toBe('avro_invalid');
  });

  test('are refused quickly when a map claims more entries than there are bytes', async () => {
    const { decode } = setUp();
    const hostile = Buffer.concat([
      GOOD.subarray(0, GOOD.indexOf('campaign') - 2),
      Buffer.of(0xfe, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f),
    ]);
    expect(codeOf(await decode(hostile))).toBe('avro_invalid');
  });

  test('never throw and never hang, whatever they are', async () => {
    const { decode } = setUp();
    const change = fc.record({
      at: fc.integer({ min: 5, max: GOOD.length - 1 }),
      byte: fc.integer({ min: 0, max: 255 }),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 4 }), async (changes) => {
        const bytes = Buffer.from(GOOD);
        for (const { at, byte } of changes) bytes[at] = byte;
        expect(['decoded', 'avro_invalid']).toContain(codeOf(await decode(bytes)));
      }),
      { numRuns: 2_000 },
    );
  });
});

const withId = (id: number): Buffer => {
  const bytes = Buffer.from(GOOD);
  bytes.writeUInt32BE(id, 1);
  return bytes;
};

describe('a schema id', () => {
  test('is asked for once', async () => {
    const { registry, decode } = setUp();
    await Promise.all([decode(GOOD), decode(GOOD)]);
    await decode(GOOD);
    expect(registry.asked).toBe(1);
  });

  test('that is unknown is asked for again only after a while', async () => {
    const { registry, time, decode } = setUp();
    expect(codeOf(await decode(withId(9_999)))).toBe('schema_unknown');
    expect(codeOf(await decode(withId(9_999)))).toBe('schema_unknown');
    expect(registry.asked).toBe(1);
    time.now += 10_000;
    expect(codeOf(await decode(withId(9_999)))).toBe('schema_unknown');
    expect(registry.asked).toBe(2);
  });

  test('of a record that is no event is refused', async () => {
    const { registry, decode } = setUp();
    registry.extra.set(500, '{"type":"record","name":"other","fields":[]}');
    expect(codeOf(await decode(withId(500)))).toBe('schema_unknown');
  });

  test('of a schema that ours cannot read is refused', async () => {
    const { registry, decode } = setUp();
    registry.extra.set(
      501,
      '{"type":"record","name":"kpi.lms.course_completed","fields":[{"name":"event_id","type":"int"}]}',
    );
    expect(codeOf(await decode(withId(501)))).toBe('schema_incompatible');
  });

  test('cannot be judged while the registry is away', async () => {
    const { registry, decode } = setUp();
    registry.outage = true;
    await expect(decode(GOOD)).rejects.toMatchObject({
      code: 'registry_unreachable',
      retryable: true,
    });
    registry.outage = false;
    expect(codeOf(await decode(GOOD))).toBe('decoded');
  });
});

const NONE = { isRead: () => false };

describe('an event that need not be read', () => {
  const seen = { tenant_id: 'acme', event_type: 'lms.course_completed', source: 'lms' };
  const glanceAt = async (value: Buffer): Promise<unknown> => {
    const registry = new Registry();
    const decoder = createEventDecoder({ registry, clock: () => 0 });
    return decoder.decodeRead({ value, timestampMs: ARRIVED_MS }, NONE);
  };

  test('tells its sender, type and time', async () => {
    const { occurred_at } = COMPLETED;
    expect(await glanceAt(GOOD)).toEqual({ glance: { ...seen, occurred_at } });
  });

  test('of another sender than the one before is told as its own', async () => {
    const decoder = createEventDecoder({ registry: new Registry(), clock: () => 0 });
    const names = ['acme', 'acmf', 'acme-2', 'ä'];
    const told: unknown[] = [];
    for (const tenant_id of names) {
      const value = encoder.encode({ ...COMPLETED, tenant_id, source: `${tenant_id}-lms` });
      told.push(await decoder.decodeRead({ value, timestampMs: ARRIVED_MS }, NONE));
    }
    expect(told).toMatchObject(
      names.map((tenant_id) => ({ glance: { tenant_id, source: `${tenant_id}-lms` } })),
    );
  });

  test('is read all the same when it takes another one back', async () => {
    const taking = { ...COMPLETED, retracts: 'e0' };
    expect(await glanceAt(encoder.encode(taking))).toMatchObject({ event: taking });
  });

  test('of the types that are looked at only those are read that are wanted', async () => {
    const decoder = createEventDecoder({ registry: new Registry(), clock: () => 0 });
    const wanted = {
      isRead: (eventType: EventType) => eventType !== 'product.action_performed',
      isGlanceRead: ({ activity }: EventGlance) => activity?.isValueEvent === true,
    };
    const told: unknown[] = [];
    for (const [action, is_value_event] of [
      ['open', false],
      ['open', true],
      ['close', false],
    ] as const) {
      const value = encoder.encode({ ...ACTION, action, is_value_event });
      told.push(await decoder.decodeRead({ value, timestampMs: ARRIVED_MS }, wanted));
    }
    expect(told).toMatchObject([
      { glance: { activity: { action: 'open', isValueEvent: false } } },
      { event: { action: 'open', is_value_event: true } },
      { glance: { activity: { action: 'close', isValueEvent: false } } },
    ]);
    const other = await decoder.decodeRead({ value: GOOD, timestampMs: ARRIVED_MS }, wanted);
    expect(other).toHaveProperty('event');
  });

  test('is refused when it is cut anywhere, or something follows', async () => {
    for (let size = 0; size < GOOD.length; size += 1)
      expect(await glanceAt(GOOD.subarray(0, size))).toBeInstanceOf(Fault);
    expect(await glanceAt(Buffer.concat([GOOD, Buffer.of(0)]))).toBeInstanceOf(Fault);
  });
});
