import { DAY_MS, DEFAULT_DEFINITIONS, type KpiEvent, type KpiQuery } from '@kpi/core';
import { rebuildInstallation } from '@kpi/live';
import { systemClock } from '@kpi/runtime';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { type VerifiedStage, createVerifiedStage } from '../faults/verified-stage.ts';
import { event } from '../support/event.ts';
import { until } from '../support/pipeline.ts';

const USERS = 40;
const PARTITIONS = 4;
/** The live store keeps the last week: the events lie so that their cohort is mature today. */
const TODAY = Math.floor(Date.now() / DAY_MS) * DAY_MS;
const DAY0 = TODAY - 40 * DAY_MS;

let it: VerifiedStage;
let sent = 0;

beforeAll(async () => {
  it = await createVerifiedStage(PARTITIONS);
});

afterAll(() => it.close());

async function publish(events: readonly KpiEvent[]): Promise<void> {
  sent += events.length;
  await it.publish(events);
}

/** What each user does as a prospect, then in one account, then in another. */
const users = Array.from({ length: USERS }, (_, user) => ({
  user_id: `u${user}`,
  none: null,
  first: `a${user % 7}`,
  second: `b${user % 5}`,
}));

function answer(user_id: string, account_id: string | null, day: number): KpiEvent {
  return event('survey.response_submitted', {
    event_id: `answer-${user_id}-${day}`,
    occurred_at: TODAY - day * DAY_MS,
    user_id,
    account_id,
    score: day,
  });
}

function question(kpiId: string): KpiQuery {
  return {
    tenantId: 'acme',
    kpiId,
    windowMs: 28 * DAY_MS,
    asOf: [TODAY],
    by: [],
    filter: {},
    definitions: DEFAULT_DEFINITIONS,
  };
}

/** What is told may still be under way when all events are applied. */
async function untilCounted(kpiId: string, components: Readonly<Record<string, bigint>>) {
  await until(`${kpiId} is right`, async () => {
    const view = it.pipeline.view();
    await view.reload();
    const [row] = view.read(question(kpiId));
    return Object.entries(components).every(
      ([name, count]) => (row?.components[name] ?? 0n) === count,
    );
  });
}

test('a prospect who joins during a course has one run, and who changes accounts one latest answer', async () => {
  await publish(
    users.flatMap(({ user_id, none }) => [
      event('lms.course_enrolled', {
        event_id: `enrol-${user_id}`,
        occurred_at: DAY0,
        user_id,
        account_id: none,
        enrolment_id: `e-${user_id}`,
      }),
      answer(user_id, none, 5),
    ]),
  );
  await publish(
    users.flatMap(({ user_id, first, second }) => [
      event('lms.course_completed', {
        event_id: `complete-${user_id}`,
        occurred_at: DAY0 + DAY_MS,
        user_id,
        account_id: first,
      }),
      answer(user_id, first, 4),
      answer(user_id, second, 2),
    ]),
  );
  const count = BigInt(USERS);
  await untilCounted('course_completion_rate', { enrolled: count, completed: count });
  await untilCounted('csat_score', { responses: count });
});

test('what is taken back in one account is taken back in all', async () => {
  await publish(
    users.slice(0, 10).map(({ user_id, first }) =>
      event('lms.course_completed', {
        event_id: `undo-${user_id}`,
        retracts: `complete-${user_id}`,
        occurred_at: DAY0 + 2 * DAY_MS,
        user_id,
        account_id: first,
      }),
    ),
  );
  await untilCounted('course_completion_rate', {
    enrolled: BigInt(USERS),
    completed: BigInt(USERS - 10),
  });
  await it.expectClean();
});

test('a membership that becomes known late moves what its user did without an account, and back', async () => {
  const clients = users
    .slice(0, 12)
    .map(({ user_id }) => ({ user_id, account_id: `m-${user_id}` }));
  const joins = clients.map(({ user_id, account_id }) =>
    event('user.joined_account', {
      event_id: `join-${user_id}`,
      occurred_at: DAY0,
      user_id,
      account_id,
    }),
  );
  await publish(
    clients.flatMap(({ user_id, account_id }) => [
      event('billing.subscription_started', {
        event_id: `paid-${account_id}`,
        occurred_at: DAY0 - DAY_MS,
        account_id,
        subscription_id: account_id,
      }),
      event('support.ticket_created', {
        event_id: `ticket-${user_id}`,
        occurred_at: TODAY - DAY_MS,
        user_id,
        account_id: null,
        ticket_id: `ticket-${user_id}`,
      }),
    ]),
  );
  const all = BigInt(clients.length);
  await untilCounted('support_ticket_rate', { unresolved_account: all });
  await publish(joins);
  await untilCounted('support_ticket_rate', { tickets: all, unresolved_account: 0n });
  await publish(
    joins.slice(0, 5).map((join) => ({
      ...join,
      event_id: `un-${join.event_id}`,
      retracts: join.event_id,
    })),
  );
  await untilCounted('support_ticket_rate', { tickets: all - 5n, unresolved_account: 5n });
  await it.expectClean();
});

test('a store that is rebuilt tells everything anew', async () => {
  const { config, log } = it.pipeline;
  const report = await rebuildInstallation({
    config,
    source: 'kafka',
    log,
    clock: systemClock,
  });
  expect(report).toMatchObject({ records: sent, refused: 0, takenOver: PARTITIONS });
  await untilCounted('course_completion_rate', {
    enrolled: BigInt(USERS),
    completed: BigInt(USERS - 10),
  });
  await it.expectClean();
});
