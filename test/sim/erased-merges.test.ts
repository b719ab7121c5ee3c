import { DEFAULT_DEFINITIONS, type IsErased, type KpiEvent, namesErased } from '@kpi/core';
import { expect, test } from 'vitest';

import { CoreEngine, type LoggedEvent, logged } from '../support/core-engine.ts';
import { event } from '../support/event.ts';

const AT = Date.UTC(2026, 0, 6);
const ACCOUNTS = ['a1', 'a2', 'a3'];
const ERASED: readonly IsErased[] = [
  (_tenantId, { kind, id }) => kind === 'user' && id === 'admin',
  (_tenantId, { id }) => id === 'admin' || id === 'a3',
];
const BY_ADMIN = { user_id: 'admin' } as const;

type Envelope = Partial<Pick<KpiEvent, 'user_id' | 'retracts' | 'source_version' | 'received_at'>>;

function merged(eventId: string, into: string, envelope: Envelope = {}): KpiEvent {
  return event('account.merged', {
    account_id: 'a1',
    from_account_id: 'a1',
    into_account_id: into,
    ...envelope,
    event_id: eventId,
    occurred_at: AT,
  });
}

function backMerged(eventId: string, from: string): KpiEvent {
  return event('account.merged', {
    account_id: from,
    from_account_id: from,
    into_account_id: 'a1',
    event_id: eventId,
    occurred_at: AT,
  });
}

/** Somebody in `a1` who was said to be somebody else, in whichever account that is said. */
function userMerged(account: string, into: string, envelope: Envelope = {}): KpiEvent {
  return event('user.merged', {
    account_id: account,
    from_user_id: 'u1',
    into_user_id: into,
    ...envelope,
    event_id: 'm1',
    occurred_at: AT,
  });
}

/** What admin did of it is erased, whenever that is. */
const MERGES: readonly [string, readonly KpiEvent[]][] = [
  [
    'merged and took that back, beside a merge of others',
    [
      merged('m1', 'a2', BY_ADMIN),
      merged('r1', 'a2', { ...BY_ADMIN, retracts: 'm1' }),
      merged('m2', 'a3'),
    ],
  ],
  [
    'merged, beside a merge that was corrected',
    [merged('m1', 'a2'), merged('m2', 'a2', BY_ADMIN), merged('m1', 'a3', { received_at: 9 })],
  ],
  [
    'merged, and took back what others had corrected',
    [
      merged('m1', 'a3', BY_ADMIN),
      merged('m1', 'a2', { received_at: 9 }),
      merged('r1', 'a3', { ...BY_ADMIN, retracts: 'm1' }),
    ],
  ],
  [
    'corrected a merge, which is in the log twice',
    [
      merged('m1', 'a2'),
      merged('m1', 'a3', { ...BY_ADMIN, received_at: 9 }),
      merged('m1', 'a3', { ...BY_ADMIN, received_at: 9 }),
    ],
  ],
  [
    'took back a merge into another account than it says',
    [
      merged('m1', 'a2', { ...BY_ADMIN, source_version: 1 }),
      merged('m1', 'a3', { received_at: 9 }),
      merged('r1', 'a2', { ...BY_ADMIN, retracts: 'm2' }),
      merged('m2', 'a2'),
    ],
  ],
  [
    'corrected a merge, beside one in a circle',
    [
      merged('m1', 'a2', { ...BY_ADMIN, source_version: 1 }),
      merged('m1', 'a3'),
      merged('m2', 'a2'),
      backMerged('m3', 'a2'),
    ],
  ],
  [
    'corrected in another account who a user is',
    [userMerged('a1', 'u2'), userMerged('a2', 'u3', { ...BY_ADMIN, received_at: 9 })],
  ],
];

/** Something that is counted of each account. */
const COUNTED = ACCOUNTS.flatMap((account) => [
  event('account.created', {
    account_id: account,
    event_id: `created ${account}`,
    occurred_at: AT,
  }),
  event('support.ticket_created', {
    account_id: account,
    event_id: `ticket ${account}`,
    occurred_at: AT,
    ticket_id: account,
  }),
  ...['u1', 'u2', 'u3'].map((user) =>
    event('lms.course_enrolled', {
      account_id: account,
      user_id: user,
      event_id: `enrolled ${account} ${user}`,
      occurred_at: AT,
      enrolment_id: `${account} ${user}`,
    }),
  ),
]);

test.each(MERGES)('of an erased admin who %s nothing is left, in any order', (_title, merges) => {
  const log = logged([...COUNTED, ...merges]);
  for (const isErased of ERASED) {
    const left = log.filter(({ event: one }) => !namesErased(one, isErased));
    const whole = new CoreEngine(DEFAULT_DEFINITIONS);
    whole.apply(left);
    for (const order of ordersOf(log.slice(COUNTED.length)))
      for (let before = 0; before <= order.length; before += 1)
        expect(stepsAfter(log.slice(0, COUNTED.length), order, { isErased, before })).toEqual(
          whole.steps(),
        );
  }
});

interface Erasure {
  readonly isErased: IsErased;
  /** How many of the merges come before. */
  readonly before: number;
}

function stepsAfter(
  counted: readonly LoggedEvent[],
  merges: readonly LoggedEvent[],
  { isErased, before }: Erasure,
): readonly string[] {
  const engine = new CoreEngine(DEFAULT_DEFINITIONS);
  engine.apply(counted);
  for (const one of merges.slice(0, before)) engine.apply([one]);
  engine.erase(isErased);
  for (const one of merges.slice(before)) engine.apply([one]);
  return engine.steps();
}

function ordersOf(log: readonly LoggedEvent[]): readonly (readonly LoggedEvent[])[] {
  if (log.length === 0) return [[]];
  return log.flatMap((first, index) =>
    ordersOf(log.toSpliced(index, 1)).map((rest) => [first, ...rest]),
  );
}
