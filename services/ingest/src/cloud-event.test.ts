import { Fault } from '@kpi/core';
import { describe, expect, test } from 'vitest';

import { atCloudEvent, readBinaryCloudEvent, readCloudEvent } from './cloud-event.ts';

const EVENT = {
  specversion: '1.0',
  id: 'e1',
  source: '/academy',
  type: 'lms.course_completed',
  time: '2026-03-01T11:00:00.123Z',
  accountid: 'a1',
  userid: 'u1',
  sourceversion: 3,
  traceparent: '00-aa-bb-01',
  datacontenttype: 'application/json',
  data: { course_id: 'c1', manual: false },
};

const CANONICAL = {
  event_id: 'e1',
  source: '/academy',
  event_type: 'lms.course_completed',
  occurred_at: '2026-03-01T11:00:00.123Z',
  account_id: 'a1',
  user_id: 'u1',
  source_version: 3,
  properties: { course_id: 'c1', manual: false },
  attributes: { traceparent: '00-aa-bb-01' },
};

function without(name: string): object {
  return Object.fromEntries(Object.entries(EVENT).filter(([key]) => key !== name));
}

test('attributes become the envelope, data the properties, other extensions attributes', () => {
  expect(readCloudEvent(EVENT)).toEqual(CANONICAL);
});

test('binary mode reads the same event from headers and body', () => {
  const { data, datacontenttype, ...attributes } = EVENT;
  const headers = Object.fromEntries(
    Object.entries(attributes).map(([name, value]) => [`ce-${name}`, encodeURIComponent(value)]),
  );
  const request = { ...headers, host: 'localhost', 'content-type': datacontenttype };
  expect(readBinaryCloudEvent(request, JSON.stringify(data))).toEqual(CANONICAL);
});

test('a subject such as user/u7 names the user when no extension does', () => {
  const { accountid: _account, userid: _user, ...rest } = EVENT;
  expect(readCloudEvent({ ...rest, subject: 'user/u7' })).toMatchObject({ user_id: 'u7' });
  expect(readCloudEvent({ ...EVENT, subject: 'user/u7' })).toMatchObject({ user_id: 'u1' });
});

describe('nothing is made up', () => {
  test.each(['id', 'source', 'type', 'time', 'specversion'])('%s must be there', (name) => {
    expect(readCloudEvent(without(name))).toMatchObject({ path: `/${name}`, detail: 'is missing' });
  });

  test('a time that cannot be read is passed on as it is, not replaced by the present', () => {
    const headers = { 'ce-specversion': '1.0', 'ce-id': 'e1', 'ce-type': 't', 'ce-source': 's' };
    const read = readBinaryCloudEvent(
      { ...headers, 'ce-time': 'soon', 'content-type': 'application/json' },
      '{}',
    );
    expect(read).toMatchObject({ occurred_at: 'soon' });
  });
});

test.each([
  [{ ...EVENT, specversion: '0.3' }, '/specversion'],
  [{ ...EVENT, Account_Id: 'a1' }, ''],
  [{ ...EVENT, source: 5 }, '/source'],
  ['text', ''],
])('%j is refused', (input, path) => {
  expect(readCloudEvent(input)).toMatchObject({ code: 'event_invalid', path });
});

test.each([
  ['/properties/score', '/data/score'],
  ['/occurred_at', '/time'],
  ['/account_id', '/accountid'],
  ['', ''],
])('a refusal at %j lies at %j in the CloudEvent', (path, expected) => {
  expect(atCloudEvent(new Fault('event_invalid', 'is wrong', { path })).path).toBe(expected);
});
