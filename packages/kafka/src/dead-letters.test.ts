import { Fault } from '@kpi/core';
import { describe, expect, test } from 'vitest';

import {
  deadLetterOf,
  parseDeadLetter,
  refusedAgain,
  summaryOf,
  type Refused,
} from './dead-letters.ts';

const REFUSED: Refused = {
  fault: new Fault('event_invalid', 'score must be 0 to 10 for nps', { path: '/properties/score' }),
  origin: { kind: 'http' },
  body: Buffer.from('{"user_id":"jane@example.org"}'),
  contentType: 'application/json',
  source: 'survey',
  eventId: 'e1',
  tenantId: 'acme',
  refusedAtMs: 1_000,
};

const topicOrigin = (offset: number): Refused['origin'] => ({
  kind: 'topic',
  topic: 'kpi.lms.v1',
  partition: 3,
  offset,
});

describe('a dead letter', () => {
  test('keeps the raw bytes and the reason', () => {
    const letter = deadLetterOf(REFUSED);
    expect(letter).toMatchObject({
      reason: 'event_invalid',
      message: 'score must be 0 to 10 for nps',
      path: '/properties/score',
      tenant_id: 'acme',
      refused_at: 1_000,
    });
    expect(Buffer.from(letter.body, 'base64')).toEqual(REFUSED.body);
  });

  test('has the same id however often and whenever the same bytes are refused', () => {
    const later = { ...REFUSED, refusedAtMs: 9_999, fault: new Fault('account_missing', 'other') };
    expect(deadLetterOf(later).id).toBe(deadLetterOf(REFUSED).id);
  });

  test('has another id for other bytes, another tenant or another place', () => {
    const ids = [
      REFUSED,
      { ...REFUSED, body: Buffer.from('{}') },
      { ...REFUSED, tenantId: 'globex' },
      { ...REFUSED, origin: { kind: 'import' } as const },
      { ...REFUSED, origin: topicOrigin(7) },
      { ...REFUSED, origin: topicOrigin(8) },
    ].map((refused) => deadLetterOf(refused).id);
    expect(new Set(ids).size).toBe(ids.length);
  });

  test('is read back as it was written', () => {
    const letter = deadLetterOf({
      ...REFUSED,
      origin: topicOrigin(7),
      source: null,
      eventId: null,
    });
    expect(parseDeadLetter(Buffer.from(JSON.stringify(letter)))).toEqual(letter);
  });

  test('of an earlier version is read', () => {
    const {
      event_type: _type,
      attempts: _attempts,
      last_attempt_at: _at,
      ...old
    } = deadLetterOf(REFUSED);
    expect(parseDeadLetter(Buffer.from(JSON.stringify(old)))).toEqual(deadLetterOf(REFUSED));
  });

  test('that fails again keeps its id and its bytes, and says the new reason and how often', () => {
    const first = deadLetterOf(REFUSED);
    const refusal = { reason: 'subject_missing', message: 'must name user_id', path: '/user_id' };
    const second = refusedAgain(refusedAgain(first, refusal, 2_000), refusal, 3_000);
    expect(second).toEqual({
      ...first,
      ...refusal,
      attempts: 2,
      last_attempt_at: 3_000,
    });
  });

  test('of bytes that are none is not invented', () => {
    expect(parseDeadLetter(Buffer.from('{"id":"x"}'))).toBeUndefined();
    expect(parseDeadLetter(Buffer.from('…'))).toBeUndefined();
  });

  test('is logged without anything that the event said', () => {
    expect(JSON.stringify(summaryOf(deadLetterOf(REFUSED)))).not.toContain('jane');
    expect(Object.keys(summaryOf(deadLetterOf(REFUSED)))).toEqual([
      'id',
      'reason',
      'path',
      'origin',
    ]);
  });
});
