import { DAY_MS, EVENT_SUBJECTS, type EventType, Fault, days } from '@kpi/core';
import { isEventType, parseEnvelope, parseProperties } from '@kpi/kafka';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';

import type { CanonicalEvent } from './canonical-event.ts';
import { historyDrafts, simulateHistory } from './history.ts';

const TO = Date.UTC(2026, 5, 1);
const SEEDS = fc.integer({ min: 0, max: 1_000 }).map(String);

function history(seed: string, daysLong: number): readonly CanonicalEvent[] {
  return [...simulateHistory({ seed, from: TO - days(daysLong), to: TO })];
}

test('the same seed tells the same story', () => {
  fc.assert(
    fc.property(SEEDS, (seed) => {
      expect(JSON.stringify(history(seed, 30))).toBe(JSON.stringify(history(seed, 30)));
    }),
    { numRuns: 3 },
  );
});

test('another seed tells another story', () => {
  expect(history('a', 40)).not.toEqual(history('b', 40));
});

test('every event passes the validators of its type and names whom it must', () => {
  fc.assert(
    fc.property(SEEDS, (seed) => {
      expect(history(seed, 60).flatMap(objections)).toEqual([]);
    }),
    { numRuns: 3 },
  );
});

function objections(event: CanonicalEvent): readonly string[] {
  const { event_type: type, properties, ...envelope } = event;
  if (!isEventType(type)) return [`${event.event_id}: unknown type ${type}`];
  const faults = [parseEnvelope(envelope), parseProperties(type, properties)]
    .filter((result) => result instanceof Fault)
    .map((fault) => `${event.event_id}: ${fault.message}`);
  return isSubjectNamed(event, type) ? faults : [...faults, `${event.event_id}: no subject`];
}

function isSubjectNamed(event: CanonicalEvent, type: EventType): boolean {
  const [hasAccount, hasUser] = [event.account_id !== undefined, event.user_id !== undefined];
  const subject = EVENT_SUBJECTS[type];
  switch (subject) {
    case 'none':
      return true;
    case 'account':
      return hasAccount;
    case 'user':
      return hasUser;
    case 'account_and_user':
      return hasAccount && hasUser;
    case 'account_or_user':
      return hasAccount || hasUser;
    default:
      return subject satisfies never;
  }
}

test('events come in order of reporting, and none before it happened or at the end', () => {
  const drafts = [...historyDrafts({ seed: 'order', from: TO - days(80), to: TO })];
  const misplaced = drafts.filter(
    ({ at, sendAt }, index) =>
      sendAt < (drafts[index - 1]?.sendAt ?? sendAt) || sendAt < at || sendAt >= TO,
  );
  expect(misplaced).toEqual([]);
});

test('two parts of a history are the whole', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 40 * DAY_MS }), (cutMs) => {
      const whole = { seed: 'parts', from: TO - days(40), to: TO };
      const all = [...historyDrafts(whole)];
      const later = [...historyDrafts({ ...whole, after: whole.from + cutMs })];
      expect(later).toEqual(all.filter(({ sendAt }) => sendAt >= whole.from + cutMs));
    }),
    { numRuns: 3 },
  );
});

test('an id stands for one event only', () => {
  const events = history('ids', 100);
  const keys = new Set(events.map(({ source, event_id: id }) => `${source}/${id}`));
  const payloads = new Set(events.map((event) => JSON.stringify(event)));
  expect(payloads.size).toBe(keys.size);
});

test('some events come twice and some come late', () => {
  const drafts = [...historyDrafts({ seed: 'late', from: TO - days(120), to: TO })];
  const repeated = drafts.length - new Set(drafts.map(({ id }) => id)).size;
  const late = drafts.filter(({ at, sendAt }) => sendAt - at > days(7)).length;
  expect(repeated / drafts.length).toBeCloseTo(0.01, 2);
  expect(late).toBeGreaterThan(20);
});
