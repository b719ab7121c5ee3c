import { type KpiEvent } from '@kpi/core';
import * as fc from 'fast-check';
import { Partitioners } from 'kafkajs';
import { describe, expect, test } from 'vitest';

import { murmur2 } from './murmur2.ts';
import { partitionOf, recordKey, recordKeys } from './record-key.ts';

/** Vectors of `UtilsTest.testMurmur2` in Apache Kafka's own tests. */
const KAFKA_VECTORS: readonly (readonly [text: string, hash: number])[] = [
  ['21', -973932308],
  ['foobar', -790332482],
  ['a-little-bit-long-string', -985981536],
  ['a-little-bit-longer-string', -1486304829],
  ['lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8', -58897971],
  ['abc', 479470107],
];

describe('the partitioner', () => {
  test.each(KAFKA_VECTORS)('hashes %s as the Java client does', (text, hash) => {
    expect(murmur2(Buffer.from(text))).toBe(hash);
  });

  test('agrees with the Java-compatible partitioner of the client for any key and count', () => {
    const theirs = Partitioners.DefaultPartitioner();
    fc.assert(
      fc.property(
        fc.string({ unit: 'grapheme', minLength: 1 }),
        fc.integer({ min: 1, max: 64 }),
        (key, count) => {
          const partitionMetadata = Array.from({ length: count }, (_, partitionId) => ({
            partitionErrorCode: 0,
            partitionId,
            leader: 1,
            replicas: [1],
            isr: [1],
          }));
          const expected = theirs({ topic: 't', partitionMetadata, message: { key, value: null } });
          expect(partitionOf(key, count)).toBe(expected);
        },
      ),
    );
  });

  test('reads the bytes it is given and not those around them', () => {
    const around = Buffer.from('xxfoobarxx');
    expect(murmur2(around.subarray(2, 8))).toBe(-790332482);
  });
});

const of = (account: string | null, user: string | null): string =>
  recordKey({ tenant_id: 'acme', account_id: account, user_id: user });

describe('the key of an event', () => {
  test('is the account, also when a user is named', () => {
    expect(of('a1', 'u1')).toBe('acme\u001fa1');
  });

  test('is the user when there is no account', () => {
    expect(of(null, 'u1')).toBe('acme\u001fuser:u1');
  });

  test('is that of the tenant when there is neither', () => {
    expect(of(null, null)).toBe('acme\u001f');
  });
});

describe('a merge', () => {
  const ENVELOPE = {
    event_id: 'e1',
    occurred_at: 0,
    tenant_id: 'acme',
    account_id: null,
    user_id: null,
    source: 'crm',
    source_version: 0,
    retracts: null,
    received_at: 0,
    schema_version: 1,
    source_event_type: null,
    anonymous_id: null,
    pii_class: 'none',
    external_ids: {},
    attributes: {},
  } as const;

  test('of accounts goes to both accounts', () => {
    const merge: KpiEvent = {
      ...ENVELOPE,
      account_id: 'new',
      event_type: 'account.merged',
      from_account_id: 'old',
      into_account_id: 'new',
    };
    expect(recordKeys(merge)).toEqual(['acme\u001fold', 'acme\u001fnew']);
  });

  test('of users goes to both users and to the account that it names', () => {
    const merge: KpiEvent = {
      ...ENVELOPE,
      account_id: 'a1',
      event_type: 'user.merged',
      from_user_id: 'u1',
      into_user_id: 'u2',
    };
    expect(recordKeys(merge)).toEqual(['acme\u001fa1', 'acme\u001fuser:u1', 'acme\u001fuser:u2']);
  });

  test('is the only event with more than one key', () => {
    const action: KpiEvent = {
      ...ENVELOPE,
      user_id: 'u1',
      event_type: 'product.action_performed',
      action: 'create_project',
      feature: null,
      is_value_event: true,
    };
    expect(recordKeys(action)).toEqual(['acme\u001fuser:u1']);
  });
});
