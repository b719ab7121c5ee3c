import { DAY_MS, DEFAULT_DEFINITIONS, HOUR_MS, type KpiEvent } from '@kpi/core';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { CoreEngine, logged } from '../support/core-engine.ts';
import { event } from '../support/event.ts';
import { PROPERTY_TIMEOUT_MS, simParameters } from '../support/sim-parameters.ts';

const BEGIN = Date.UTC(2026, 0, 5);
const day = (count: number): number => BEGIN + count * DAY_MS;

/** A user without an account, as far as the sources know. */
const unnamed = { user_id: 'u', account_id: null } as const;

function joined(account: string, at: number, event_id = `join-${account}`): KpiEvent {
  return event('user.joined_account', {
    event_id,
    occurred_at: at,
    user_id: 'u',
    account_id: account,
  });
}

function left(account: string, at: number): KpiEvent {
  const event_id = `leave-${account}`;
  return event('user.left_account', {
    event_id,
    occurred_at: at,
    user_id: 'u',
    account_id: account,
  });
}

const COMPANY: readonly KpiEvent[] = ['a', 'b'].flatMap((account_id) => [
  event('account.created', {
    event_id: `new-${account_id}`,
    occurred_at: BEGIN,
    account_id,
    domain: `${account_id}.example`,
  }),
  event('billing.subscription_started', {
    event_id: `paid-${account_id}`,
    occurred_at: BEGIN,
    account_id,
    subscription_id: account_id,
  }),
]);

/** One of everything that can name a user alone. */
function doings(at: number): readonly KpiEvent[] {
  const of = (name: string) => ({ ...unnamed, event_id: `${name}-${at}`, occurred_at: at });
  return [
    event('support.ticket_created', { ...of('ticket'), ticket_id: `t${at}` }),
    event('lms.course_enrolled', { ...of('enrol'), enrolment_id: 'e' }),
    event('lms.course_completed', of('complete')),
    event('survey.response_submitted', { ...of('answer'), score: 5 }),
    event('onboarding.completed', of('onboarded')),
    event('referral.sent', { ...of('refer'), invitee_hash: 'friend', referred_account_id: 'b' }),
    event('crm.lead_created', { ...of('lead'), channel: 'ads' }),
    ...DEFAULT_DEFINITIONS.activation.keyActions.map((action) =>
      event('product.action_performed', {
        ...of(action),
        occurred_at: at + 20 * 60_000,
        action,
        is_value_event: true,
      }),
    ),
  ];
}

function stepsOf(events: readonly KpiEvent[]): readonly string[] {
  const engine = new CoreEngine(DEFAULT_DEFINITIONS);
  for (const one of logged(events)) engine.apply([one]);
  expect(engine.steps()).toEqual(engine.recount());
  return engine.steps();
}

function named(events: readonly KpiEvent[], account_id: string): readonly KpiEvent[] {
  return events.map((one) => ({ ...one, account_id }));
}

const EARLY = doings(day(1) + 10 * HOUR_MS);
const LATE = doings(day(9) + 10 * HOUR_MS);

describe.each([
  { what: 'a join', memberships: [joined('a', day(1))], early: 'a', late: 'a' },
  {
    what: 'a join after some of it',
    memberships: [joined('a', day(5))],
    early: null,
    late: 'a',
  },
  {
    what: 'a join and a leave',
    memberships: [joined('a', day(1)), left('a', day(5))],
    early: 'a',
    late: null,
  },
  {
    what: 'joins of two accounts',
    memberships: [joined('a', day(1)), joined('b', day(5))],
    early: 'a',
    late: 'b',
  },
  {
    what: 'a join at the very instant',
    memberships: [joined('a', day(1) + 10 * HOUR_MS)],
    early: 'a',
    late: 'a',
  },
  {
    // Actions of the first day are twenty minutes later.
    what: 'a join within the hour',
    memberships: [joined('a', day(1) + 10 * HOUR_MS + 60_000)],
    early: undefined,
    late: 'a',
  },
])('$what that becomes known late', ({ memberships, early, late }) => {
  const all = [...COMPANY, ...EARLY, ...LATE];
  const told = [
    ...COMPANY,
    ...memberships,
    ...(early === undefined
      ? EARLY.map((one) =>
          one.event_type === 'product.action_performed' ? { ...one, account_id: 'a' } : one,
        )
      : early === null
        ? EARLY
        : named(EARLY, early)),
    ...(late === null ? LATE : named(LATE, late)),
  ];

  test.each([
    ['last', [...all, ...memberships]],
    ['first', [...memberships, ...all]],
    ['in between', [...EARLY, ...memberships, ...LATE, ...COMPANY]],
    ['backwards', [...all, ...memberships].toReversed()],
  ])('counts as if it had always been known: %s', (_when, events) => {
    expect(stepsOf(events)).toEqual(stepsOf(told));
    expect(stepsOf(events)).not.toEqual(stepsOf(all));
  });

  test('and when it is taken back, as if it never was', () => {
    const undone = memberships.map((one) => ({
      ...one,
      event_id: `un-${one.event_id}`,
      retracts: one.event_id,
    }));
    expect(stepsOf([...all, ...memberships, ...undone])).toEqual(stepsOf(all));
  });

  test('and when what was done is taken back, nothing of it is left', () => {
    const undone = [...EARLY, ...LATE].map((one) => ({
      ...one,
      event_id: `un-${one.event_id}`,
      retracts: one.event_id,
    }));
    const none = [...COMPANY, ...memberships];
    expect(stepsOf([...all, ...memberships, ...undone])).toEqual(stepsOf(none));
    expect(stepsOf([...undone, ...memberships, ...all])).toEqual(stepsOf(none));
  });
});

test('in any order', { timeout: PROPERTY_TIMEOUT_MS }, () => {
  const memberships = [joined('a', day(1)), left('a', day(5)), joined('b', day(9))];
  const all = [...COMPANY, ...EARLY, ...LATE, ...memberships];
  const want = stepsOf([...COMPANY, ...named(EARLY, 'a'), ...named(LATE, 'b'), ...memberships]);
  fc.assert(
    fc.property(
      fc.shuffledSubarray(all, { minLength: all.length, maxLength: all.length }),
      (events) => {
        expect(stepsOf(events)).toEqual(want);
      },
    ),
    simParameters(100),
  );
});

test.each([
  ['before', (merge: KpiEvent, events: readonly KpiEvent[]) => [merge, ...events]],
  ['after', (merge: KpiEvent, events: readonly KpiEvent[]) => [...events, merge]],
])('whoever leaves what the account was merged into %s leaves it', (_when, place) => {
  const merge = event('account.merged', {
    event_id: 'merge',
    occurred_at: BEGIN,
    account_id: 'a',
    from_account_id: 'a',
    into_account_id: 'b',
  });
  const memberships = [joined('a', day(1)), left('b', day(5))];
  const told = stepsOf([merge, ...COMPANY, ...memberships, ...named(EARLY, 'a'), ...LATE]);
  expect(stepsOf(place(merge, [...COMPANY, ...memberships, ...EARLY, ...LATE]))).toEqual(told);
  expect(stepsOf(place(merge, [...LATE, ...EARLY, ...memberships, ...COMPANY]))).toEqual(told);
  const apart = { ...merge, event_id: 'apart', retracts: 'merge' };
  const undone = [...COMPANY, ...LATE, ...memberships, ...EARLY, merge, apart];
  const joinOnly = [...COMPANY, joined('a', day(1)), left('b', day(5))];
  expect(stepsOf(undone)).toEqual(
    stepsOf([...joinOnly, ...named(EARLY, 'a'), ...named(LATE, 'a')]),
  );
});
