import { expect, test } from 'vitest';

import type { Status } from './answers.ts';
import { Refusal } from './client.ts';
import { SHARE } from './test-value.ts';
import { BEFORE, type Taking, connectionOf, takeAll } from './use-live.ts';

const STATUS: Status = {
  at: '2026-01-08T00:00:20.000Z',
  events_counted: 1,
  events_per_second: 0,
  fresh_at: '2026-01-08T00:00:19.900Z',
  published_at: '2026-01-08T00:00:19.800Z',
  sources: {},
};
const EMPTY: Taking = { live: BEFORE, snapshot: undefined };
const OTHER = { ...SHARE, segment: { plan: 'pro' } };

test('a snapshot shows only when it is whole, and then replaces what was known', () => {
  const known = takeAll(EMPTY, [{ kind: 'value', value: OTHER }]);
  const begun = takeAll(known, [{ kind: 'reset' }, { kind: 'value', value: SHARE }]);
  expect([...begun.live.values.values()]).toEqual([OTHER]);
  const whole = takeAll(begun, [{ kind: 'ready' }]);
  expect([...whole.live.values.values()]).toEqual([SHARE]);
});

test('a snapshot that was cut off is forgotten with its connection', () => {
  const cut = takeAll(EMPTY, [
    { kind: 'reset' },
    { kind: 'value', value: SHARE },
    { kind: 'lost', refusal: new Refusal('unreachable', 'gone') },
    { kind: 'open' },
    { kind: 'value', value: OTHER },
  ]);
  expect([...cut.live.values.values()]).toEqual([OTHER]);
});

test('a lost connection keeps the numbers and says of when they are', () => {
  const lost = takeAll(EMPTY, [
    { kind: 'value', value: SHARE },
    { kind: 'status', status: STATUS },
    { kind: 'lost', refusal: new Refusal('unreachable', 'gone') },
  ]);
  expect(lost.live.values.size).toBe(1);
  expect(lost.live.connection).toEqual({ kind: 'reconnecting', since: Date.parse(STATUS.at) });
});

test('a server whose numbers stand still is stale since they did', () => {
  expect(connectionOf(STATUS)).toEqual({ kind: 'live' });
  const publishedAt = '2026-01-08T00:00:05.000Z';
  expect(connectionOf({ ...STATUS, published_at: publishedAt })).toEqual({
    kind: 'stale',
    since: Date.parse(publishedAt),
  });
});
