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
    what: 'a leave at the very instant',
    memberships: [joined('a', day(1)), left('a', day(9) + 10 * HOUR_MS)],
    early: 'a',
    late: null,
  },
  {
    what: 'a change of accounts at the very instant',
    memberships: [joined('a', day(1)), joined('b', day(9) + 10 * HOUR_MS)],
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
  // Where somebody learned before joining, the join says more: it trains the account.
  const hasLearnedBefore = early !== 'a' || late === 'b';
  const told = [
    ...COMPANY,
    ...(hasLearnedBefore ? memberships : []),
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

const MERGE = event('account.merged', {
  event_id: 'merge',
  occurred_at: BEGIN,
  account_id: 'a',
  from_account_id: 'a',
  into_account_id: 'b',
});

test('whoever leaves what the account was merged into leaves it', () => {
  const memberships = [joined('a', day(1)), left('b', day(5))];
  const told = stepsOf([MERGE, ...COMPANY, ...named(EARLY, 'a'), ...LATE]);
  const all = [...COMPANY, ...memberships, ...EARLY, ...LATE];
  expect(stepsOf([MERGE, ...all])).toEqual(told);
  expect(stepsOf([...all, MERGE])).toEqual(told);
  expect(stepsOf([...all, MERGE].toReversed())).toEqual(told);
  const apart = { ...MERGE, event_id: 'apart', retracts: 'merge' };
  expect(stepsOf([...all, MERGE, apart])).toEqual(
    stepsOf([...COMPANY, ...named(EARLY, 'a'), ...named(LATE, 'a')]),
  );
});

test('an account that was merged hands on what its member learned and answered', () => {
  const learned = EARLY.filter(({ event_type: type }) => /^(lms|survey)/.test(type));
  const told = stepsOf([MERGE, ...COMPANY, ...named(learned, 'a')]);
  expect(stepsOf([...COMPANY, ...learned, joined('a', day(1)), MERGE])).toEqual(told);
  expect(stepsOf([MERGE, joined('a', day(1)), ...learned, ...COMPANY])).toEqual(told);
});

test('what was done after a leave that becomes known last counts for nobody', () => {
  const events = [...COMPANY, ...LATE, joined('a', day(1)), left('a', day(5))];
  expect(stepsOf(events)).toEqual(stepsOf([...COMPANY, ...LATE]));
});

test('what is corrected to have happened before the join, or after it, counts where it did', () => {
  const join = joined('a', day(5));
  const moved = (at: number): readonly KpiEvent[] =>
    LATE.map((one) => ({ ...one, source_version: 1, occurred_at: at }));
  const [before, after] = [moved(day(2)), moved(day(7))];
  const want = (events: readonly KpiEvent[]) => stepsOf([join, ...COMPANY, ...events]);
  expect(stepsOf([join, ...COMPANY, ...LATE, ...before])).toEqual(want(before));
  expect(stepsOf([join, ...COMPANY, ...before, ...LATE])).toEqual(want(before));
  expect(stepsOf([join, ...COMPANY, ...LATE, ...after])).toEqual(want(named(after, 'a')));
  expect(stepsOf([...COMPANY, ...after, ...LATE, join])).toEqual(want(named(after, 'a')));
  // Of which activity has the whole account counted anew.
  const isOther = ({ event_type: type }: KpiEvent): boolean => !type.startsWith('product.');
  const events = [join, ...COMPANY, ...LATE, ...before].filter(isOther);
  expect(stepsOf(events)).toEqual(want(before.filter(isOther)));
});

test('a ticket of before the join is one with what is said of it after the join', () => {
  const ticket = { ...unnamed, ticket_id: 't' };
  const opened = event('support.ticket_created', {
    ...ticket,
    event_id: 'opened',
    occurred_at: day(1),
  });
  const invalidated = event('support.ticket_invalidated', {
    ...ticket,
    event_id: 'invalidated',
    occurred_at: day(9),
  });
  const join = joined('a', day(5));
  const none = stepsOf([...COMPANY, join]);
  expect(stepsOf([...COMPANY, opened, join])).not.toEqual(none);
  expect(stepsOf([...COMPANY, opened, join, invalidated])).toEqual(none);
  expect(stepsOf([invalidated, join, opened, ...COMPANY])).toEqual(none);
});

/** Of events that name no account, only KPIs of one's own count each wherever it is of. */
const OWN = {
  events: { event: 'support.ticket_created', where: [] },
  version: 1,
  description: '',
  unit: 'number',
  dimensions: [],
  windows: [28 * DAY_MS],
} as const;
const WITH_OWN = {
  ...DEFAULT_DEFINITIONS,
  ownKpis: [
    { ...OWN, type: 'distinct', of: 'user', id: 'askers', title: 'Askers' },
    { ...OWN, type: 'count', id: 'questions', title: 'Questions' },
  ],
} as const;

function engineWithOwn(batches: readonly (readonly KpiEvent[])[]): CoreEngine {
  const engine = new CoreEngine(WITH_OWN);
  for (const batch of batches) engine.apply(logged(batch));
  expect(engine.steps()).toEqual(engine.recount());
  return engine;
}

const TICKETS = [...EARLY, ...LATE].filter(({ event_type: type }) => type.startsWith('support'));

test('users of events that KPIs of one’s own count are told apart', () => {
  const told = engineWithOwn([COMPANY, named(TICKETS, 'a')]).steps();
  expect(engineWithOwn([COMPANY, TICKETS, [joined('a', day(1))]]).steps()).toEqual(told);
  expect(told.join()).toContain('askers');
});

test('a correction takes what it corrects elsewhere, also when that comes again with it', () => {
  const [ticket] = TICKETS.map((one) => ({ ...one, occurred_at: day(1) }));
  if (ticket === undefined) throw new RangeError('nobody asked anything');
  const corrected = { ...ticket, source_version: 1, occurred_at: day(7) };
  const first = [joined('a', day(5)), ...COMPANY, ticket];
  const told = engineWithOwn([first, [corrected]]).steps();
  expect(engineWithOwn([first, [corrected, ticket]]).steps()).toEqual(told);
  expect(engineWithOwn([first, [ticket, corrected]]).steps()).toEqual(told);
  expect(told).not.toEqual(engineWithOwn([first]).steps());
});

test('nothing of a user who is erased is left where it was told', () => {
  const engine = new CoreEngine(DEFAULT_DEFINITIONS);
  for (const one of logged([...COMPANY, ...EARLY, joined('a', day(1))])) engine.apply([one]);
  expect(engine.contents()).toContain('user:u');
  engine.erase((_tenant, { kind, id }) => kind === 'user' && id === 'u');
  expect(engine.contents()).not.toContain('user:u');
  expect(engine.steps()).toEqual(stepsOf(COMPANY));
});
