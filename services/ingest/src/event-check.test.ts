import { Fault } from '@kpi/core';
import { describe, expect, test } from 'vitest';

import { type CheckContext, checkEvent } from './event-check.ts';
import { type Fields } from './json.ts';
import { createHashMail } from './mail-hash.ts';

const NOW = Date.parse('2026-03-01T12:00:00.000Z');
const context: CheckContext = {
  tenantId: 'acme',
  now: NOW,
  futureMsMax: 300_000,
  hashMail: createHashMail(Buffer.from('salt')),
};

const COMPLETED = {
  event_id: 'e1',
  event_type: 'lms.course_completed',
  source: 'academy',
  occurred_at: '2026-03-01T11:00:00.000+01:00',
  user_id: 'u1',
  properties: { course_id: 'c1', manual: false },
};

const ANSWER = {
  event_id: 'e2',
  event_type: 'survey.response_submitted',
  source: 'forms',
  occurred_at: '2026-03-01T11:00:00Z',
  account_id: 'a1',
  user_id: 'u1',
  properties: {
    survey_id: 's1',
    instance_id: 'i1',
    question_id: 'q1',
    kind: 'csat',
    score: 4,
    scale_min: 1,
    scale_max: 5,
    direction: 'higher_is_better',
    context: 'general',
  },
};

const TICKET = {
  event_id: 'e3',
  event_type: 'support.ticket_created',
  source: 'helpdesk',
  occurred_at: '2026-03-01T11:00:00Z',
  properties: {
    ticket_id: 't1',
    channel: 'email',
    requester_user_id: 'u1',
    is_customer_initiated: true,
  },
};

function accepted(input: Fields) {
  const event = checkEvent(input, context);
  if (event instanceof Fault) throw event;
  return event;
}

function refusal(input: Fields) {
  const event = checkEvent(input, context);
  if (!(event instanceof Fault)) throw new Error('the event was accepted');
  return event;
}

function refusalWithExtra(extra: object) {
  return refusal({ ...COMPLETED, properties: { ...COMPLETED.properties, ...extra } });
}

test('an event gets its stamps, and what it left out is null', () => {
  expect(accepted(COMPLETED)).toMatchObject({
    event_id: 'e1',
    event_type: 'lms.course_completed',
    schema_version: 1,
    tenant_id: 'acme',
    occurred_at: Date.parse('2026-03-01T10:00:00Z'),
    received_at: NOW,
    account_id: null,
    user_id: 'u1',
    retracts: null,
    source_version: 0,
    course_id: 'c1',
    course_version: null,
    attributes: {},
  });
});

test('a credit is spend below 0, and a margin may be a loss', () => {
  const envelope = { source: 'erp', occurred_at: '2026-03-01T11:00:00Z' };
  const month = { period_start: '2026-02-01T00:00:00Z', period_end: '2026-03-01T00:00:00Z' };
  const spend = { kind: 'marketing', currency: 'EUR', channel: 'ads', ...month };
  const credit = {
    ...envelope,
    event_type: 'marketing.spend_recorded',
    properties: { ...spend, spend_id: 's1', amount_minor: -5_000 },
  };
  expect(accepted(credit)).toMatchObject({ amount_minor: -5_000, schema_version: 2 });
  const margin = (value: string) => ({
    ...envelope,
    event_type: 'margin.set',
    properties: { margin: value, valid_from: '2026-03-01T00:00:00Z' },
  });
  expect(accepted(margin('-0.1'))).toMatchObject({ margin: '-0.1', schema_version: 2 });
  expect(refusal(margin('-1.1'))).toMatchObject({
    path: '/properties/margin',
    detail: 'margin must lie between -1 and 1',
  });
});

test('a ticket is of its requester unless it names another user', () => {
  expect(accepted(TICKET)).toMatchObject({ user_id: 'u1', account_id: null });
  expect(accepted({ ...TICKET, account_id: 'a1' })).toMatchObject({ user_id: 'u1' });
  expect(accepted({ ...TICKET, user_id: 'agent' })).toMatchObject({
    user_id: 'agent',
    requester_user_id: 'u1',
  });
  const { requester_user_id: _requester, ...properties } = TICKET.properties;
  expect(refusal({ ...TICKET, properties }).code).toBe('subject_missing');
  expect(refusal({ ...TICKET, properties: { ...properties, requester_user_id: null } }).code).toBe(
    'subject_missing',
  );
});

describe('what is refused, where and why', () => {
  test.each([
    [{ ...COMPLETED, event_type: undefined }, 'event_invalid', '/event_type', 'is missing'],
    [
      { ...COMPLETED, event_type: 'lms.course_burnt' },
      'event_type_unknown',
      '/event_type',
      'is not a known event type',
    ],
    [{ ...COMPLETED, event_type: '__proto__' }, 'event_type_unknown', '/event_type', 'is not'],
    [{ ...COMPLETED, source: undefined }, 'event_invalid', '/source', 'is missing'],
    [{ ...COMPLETED, user_id: '' }, 'event_invalid', '/user_id', 'must not be empty'],
    [{ ...COMPLETED, user_id: 'a\u001fb' }, 'event_invalid', '/user_id', 'control characters'],
    [{ ...COMPLETED, user_id: 'x'.repeat(257) }, 'event_invalid', '/user_id', 'at most 256'],
    [{ ...COMPLETED, occurred_at: 'yesterday' }, 'event_invalid', '/occurred_at', 'RFC 3339'],
    [
      { ...COMPLETED, occurred_at: '2026-03-01T12:05:00.001Z' },
      'occurred_in_future',
      '/occurred_at',
      'more than 300 s',
    ],
    [
      { ...COMPLETED, acount_id: 'a1' },
      'event_invalid',
      '/acount_id',
      'not a field of the envelope',
    ],
    [{ ...COMPLETED, tenant_id: 'rival' }, 'event_invalid', '/tenant_id', 'not the tenant'],
    [{ ...COMPLETED, schema_version: 99 }, 'schema_unknown', '/schema_version', 'must be 1 to'],
    [{ ...COMPLETED, user_id: null }, 'subject_missing', '/account_id', 'account_id or user_id'],
    [{ ...COMPLETED, properties: [] }, 'event_invalid', '/properties', 'must be a JSON object'],
    [{ ...COMPLETED, properties: {} }, 'event_invalid', '/properties/course_id', 'is missing'],
    [
      { ...ANSWER, properties: { ...ANSWER.properties, score: 'good' } },
      'event_invalid',
      '/properties/score',
      'integer',
    ],
    [
      { ...ANSWER, properties: { ...ANSWER.properties, score: 6 } },
      'event_invalid',
      '/properties/score',
      'must lie on the scale 1 to 5',
    ],
    [
      { ...COMPLETED, event_type: 'user.joined_account', properties: {} },
      'subject_missing',
      '/account_id',
      'must name account_id',
    ],
    [
      { ...COMPLETED, event_type: 'account.created', properties: {} },
      'subject_missing',
      '/account_id',
      'must name account_id',
    ],
  ])('%j', (input, code, path, detail) => {
    expect(refusal(input)).toMatchObject({ code, path });
    expect(refusal(input).detail).toContain(detail);
  });
});

test('an event exactly at the limit of the future is accepted', () => {
  const event = { ...COMPLETED, occurred_at: '2026-03-01T12:05:00.000Z' };
  expect(accepted(event).occurred_at).toBe(NOW + 300_000);
});

test('marketing and rates need neither an account nor a user', () => {
  const rate = {
    event_id: 'r1',
    event_type: 'fx.rate_published',
    source: 'ecb',
    occurred_at: '2026-03-01T11:00:00Z',
    properties: { base: 'USD', quote: 'EUR', rate: 0.9, date: '2026-03-01' },
  };
  expect(accepted(rate)).toMatchObject({ account_id: null, user_id: null, rate: '0.9' });
});

test('fields that a type does not have survive as attributes: scalars as text, the rest as JSON', () => {
  const event = {
    ...COMPLETED,
    attributes: { region: 'eu' },
    properties: {
      ...COMPLETED.properties,
      teacher: 'Ada',
      minutes: 12.5,
      live: true,
      tags: ['a', { b: 1 }],
      nothing: null,
    },
  };
  expect(accepted(event).attributes).toEqual({
    region: 'eu',
    teacher: 'Ada',
    minutes: '12.5',
    live: 'true',
    tags: '["a",{"b":1}]',
  });
});

test('mail addresses are hashed wherever a source puts them', () => {
  const address = 'ada@example.org';
  const event = {
    ...COMPLETED,
    external_ids: { email: address },
    attributes: { contact: address },
    properties: {
      ...COMPLETED.properties,
      traits: { email: address, list: [address] },
      email: address,
    },
  };
  const hash = context.hashMail(address);
  const { attributes, external_ids } = accepted(event);
  expect(external_ids).toEqual({ email: hash });
  expect(attributes).toEqual({
    contact: hash,
    email: hash,
    traits: JSON.stringify({ email: hash, list: [hash] }),
  });
});

describe('limits on what a source adds', () => {
  test('nesting', () => {
    const deep: unknown = JSON.parse(`${'['.repeat(10_000)}${']'.repeat(10_000)}`);
    expect(refusalWithExtra({ deep })).toMatchObject({ path: '/properties/deep' });
  });

  test('length of one value', () => {
    expect(refusalWithExtra({ note: 'x'.repeat(1_025) })).toMatchObject({
      path: '/properties/note',
    });
  });

  test('number of values', () => {
    const many = Object.fromEntries(Array.from({ length: 65 }, (_, index) => [`f${index}`, index]));
    expect(refusalWithExtra(many).detail).toContain('at most 64');
  });

  test('one name with two values', () => {
    const event = {
      ...COMPLETED,
      attributes: { note: 'one' },
      properties: { ...COMPLETED.properties, note: 'two' },
    };
    expect(refusal(event)).toMatchObject({ path: '/properties/note' });
  });
});

describe('an event without an id', () => {
  const { event_id: _dropped, ...anonymous } = COMPLETED;

  test('gets the same one each time, whatever the order of its fields', () => {
    const reordered = Object.fromEntries(Object.entries(anonymous).toReversed());
    expect(accepted(anonymous).event_id).toMatch(/^derived:/);
    expect(accepted(reordered).event_id).toBe(accepted(anonymous).event_id);
  });

  test('gets another one when anything it says differs', () => {
    const other = { ...anonymous, properties: { course_id: 'c2', manual: false } };
    expect(accepted(other).event_id).not.toBe(accepted(anonymous).event_id);
  });
});
