import { Fault } from '@kpi/core';
import { expect, test } from 'vitest';

import { AVRO_CONTENT_TYPE, type DeadLetter, deadLetterOf } from './dead-letters.ts';
import { namesSubject } from './letters-naming.ts';

const USER = { kind: 'user', id: 'u1' } as const;
const ACCOUNT = { kind: 'account', id: 'u1' } as const;

function letter(body: string | Buffer, contentType = 'application/json'): DeadLetter {
  return deadLetterOf({
    fault: new Fault('event_invalid', 'is wrong'),
    origin: { kind: 'http' },
    body: Buffer.from(body),
    contentType,
    source: null,
    eventId: null,
    tenantId: 'acme',
    refusedAtMs: 0,
  });
}

test('an event names whom its fields of that kind state, wherever they stand', () => {
  const named = letter('{"event_id":"x","user_id":"u1","properties":{"course_id":"c"}}');
  expect(namesSubject(named, USER)).toBe(true);
  expect(namesSubject(named, ACCOUNT)).toBe(false);
  expect(namesSubject(letter('[{"data":{"requester_user_id":"u1"}}]'), USER)).toBe(true);
  expect(namesSubject(letter('{"userid":"u1"}'), USER)).toBe(true);
  expect(namesSubject(letter('{"subject":"account/u1"}'), ACCOUNT)).toBe(true);
  expect(namesSubject(letter('{"subject":"account/u1"}'), USER)).toBe(false);
  expect(namesSubject(letter('{"field":"account_id","from":"u1","to":null}'), ACCOUNT)).toBe(true);
  expect(namesSubject(letter('{"user_id":"u12","course_id":"u1"}'), USER)).toBe(false);
});

test('what cannot be taken apart names whom it mentions as a word', () => {
  expect(namesSubject(letter('{"user_id": "u1", '), USER)).toBe(true);
  expect(namesSubject(letter('x;u1;2026', 'text/csv'), USER)).toBe(true);
  expect(namesSubject(letter('x;u11;2026', 'text/csv'), USER)).toBe(false);
});

test('a record names whom one of its texts is', () => {
  const long = 'an-id-of-which-the-length-is-a-letter-too';
  const record = (id: string): DeadLetter =>
    letter(
      Buffer.concat([Buffer.from([0, 0, 0, 0, 1, 2, 2 * id.length]), Buffer.from(id)]),
      AVRO_CONTENT_TYPE,
    );
  expect(namesSubject(record(long), { kind: 'user', id: long })).toBe(true);
  expect(namesSubject(record('u1'), USER)).toBe(true);
  expect(namesSubject(record('u11'), USER)).toBe(false);
});
