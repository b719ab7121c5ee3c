import { createHistoryEraser } from '@kpi/clickhouse';
import { DAY_MS, DEFAULT_DEFINITIONS, type EventOf, type KpiEvent, type KpiQuery } from '@kpi/core';
import { Erasures } from '@kpi/redis';
import { systemClock } from '@kpi/runtime';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';

import { type VerifiedStage, createVerifiedStage } from '../faults/verified-stage.ts';
import { eventJson } from '../support/event-json.ts';
import { event } from '../support/event.ts';
import { until } from '../support/pipeline.ts';
import { runKpi } from '../support/run-kpi.ts';

const PARTITIONS = 2;
/** The live store keeps the last week: the events lie so that their cohort is mature today. */
const TODAY = Math.floor(Date.now() / DAY_MS) * DAY_MS;
const DAY0 = TODAY - 40 * DAY_MS;
const KEY_ACTIONS = DEFAULT_DEFINITIONS.activation.keyActions;
const USER = 'erika-the-user';
const ACCOUNT = 'account-to-go';
const OTHERS = ['a1', 'a2', 'a3'];

let it: VerifiedStage;

beforeAll(async () => {
  it = await createVerifiedStage(PARTITIONS, ['ingest', 'aggregate', 'archive']);
});

afterAll(() => it.close());

/** A run of a course and an answer of a user, of an account or of none. */
function learning(user_id: string, account_id: string | null): readonly KpiEvent[] {
  const id = `${account_id}-${user_id}`;
  const who = { user_id, account_id };
  return [
    event('lms.course_enrolled', {
      ...who,
      event_id: `enrol-${id}`,
      occurred_at: DAY0,
      enrolment_id: `e-${id}`,
    }),
    event('lms.course_completed', { ...who, event_id: `done-${id}`, occurred_at: DAY0 + DAY_MS }),
    event('survey.response_submitted', {
      ...who,
      event_id: `answer-${id}`,
      occurred_at: TODAY - 5 * DAY_MS,
    }),
  ];
}

function action(event_id: string, more: Partial<EventOf<'product.action_performed'>>): KpiEvent {
  const occurred_at = TODAY - 19 * DAY_MS;
  return event('product.action_performed', {
    event_id,
    occurred_at,
    account_id: 'a1',
    is_value_event: true,
    ...more,
  });
}

/** What the account to go leaves in the home of another one, with which it shares nobody. */
const referral = event('referral.sent', {
  event_id: 'referral-1',
  occurred_at: DAY0,
  account_id: ACCOUNT,
  referred_account_id: 'referred',
});
/** And what it leaves two moves of a ticket away. */
const movedTicket: readonly KpiEvent[] = [
  event('support.ticket_created', {
    event_id: 'ticket-2',
    occurred_at: DAY0,
    account_id: ACCOUNT,
    ticket_id: 't2',
  }),
  ...(
    [
      [ACCOUNT, 'near'],
      ['near', 'far'],
    ] as const
  ).map(([from, to]) =>
    event('support.ticket_updated', {
      event_id: `moved-to-${to}`,
      occurred_at: DAY0 + DAY_MS,
      account_id: to,
      ticket_id: 't2',
      from,
      to,
    }),
  ),
];
const company: readonly KpiEvent[] = [...OTHERS, ACCOUNT].flatMap((account_id) => [
  event('account.created', {
    event_id: `created-${account_id}`,
    occurred_at: TODAY - 20 * DAY_MS,
    account_id,
  }),
  ...learning(`colleague-${account_id}`, account_id),
  // Somebody who was in several accounts.
  ...learning('mover', account_id),
]);
const ofUser: readonly KpiEvent[] = [
  ...learning(USER, null),
  ...learning(USER, 'a1'),
  ...learning(USER, 'a2'),
  // Only what the user did makes this account an activated one.
  ...KEY_ACTIONS.map((name) => action(`${name}-${USER}`, { action: name, user_id: USER })),
  event('support.ticket_created', {
    event_id: 'ticket-1',
    occurred_at: TODAY - DAY_MS,
    ticket_id: 't1',
    account_id: 'a2',
    requester_user_id: USER,
  }),
];

async function send(events: readonly KpiEvent[]): Promise<unknown> {
  const response = await fetch(`${it.stage.url}/v1/events`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'kpi-tenant': 'acme' },
    body: JSON.stringify(events.map((one) => eventJson(one))),
  });
  expect(response.status).toBe(202);
  return response.json();
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

type Counts = Readonly<Record<string, number>>;
const COUNTED = [
  ['course_completion_rate', 'completed'],
  ['csat_score', 'responses'],
  ['activation_rate', 'activated'],
  ['referral_rate', 'entered'],
] as const;

/** The same numbers live and in history. */
async function untilCounted(expected: Counts): Promise<void> {
  await until(`live is ${JSON.stringify(expected)}`, async () => {
    const view = it.pipeline.view();
    await view.reload();
    return COUNTED.every(
      ([kpi, name]) =>
        Number(view.read(question(kpi))[0]?.components[name] ?? 0n) === expected[kpi],
    );
  });
  for (const [kpi, name] of COUNTED) {
    const [row] = await it.stage.history.read(question(kpi));
    expect([kpi, Number(row?.components[name] ?? 0n)]).toEqual([kpi, expected[kpi]]);
  }
}

/** Every key and value of Redis that belongs to this pipeline, but for what its names are hashed with. */
async function redisText(): Promise<string> {
  const { redis, config } = it.pipeline;
  const texts: string[] = [];
  for (const key of await redis.keys(`${config.KPI_REDIS_PREFIX}*`)) {
    const type = await redis.type(key);
    texts.push(key);
    if (type === 'hash') texts.push(JSON.stringify(await redis.hgetall(key)));
    if (type === 'list') texts.push(...(await redis.lrange(key, 0, -1)));
    if (type === 'string') texts.push((await redis.get(key)) ?? '');
    if (type === 'stream') texts.push(JSON.stringify(await redis.xrange(key, '-', '+')));
  }
  return texts.join('\n');
}

/** Rows of history that name somebody. */
async function namedRows(id: string): Promise<number> {
  const eraser = createHistoryEraser(it.pipeline.config);
  let rows = 0;
  for (const kind of ['user', 'account'] as const)
    for (const count of (await eraser.counts({ tenantId: 'acme', subject: { kind, id } })).values())
      rows += count;
  await eraser.close();
  return rows;
}

const receipt = z.object({ id: z.string(), subject_hash: z.string(), events: z.number() });

async function forget(kind: 'user' | 'account', id: string) {
  const run = await runKpi(it.pipeline, [
    'forget',
    `--${kind}`,
    id,
    '--tenant',
    'acme',
    '--yes',
    '--json',
  ]);
  expect(run.output).toContain('{');
  expect(run.code).toBe(0);
  return receipt.parse(JSON.parse(run.output.slice(run.output.indexOf('{'))));
}

const ALL = { course_completion_rate: 6, csat_score: 6, activation_rate: 1, referral_rate: 1 };
const WITHOUT_USER = { ...ALL, course_completion_rate: 5, csat_score: 5, activation_rate: 0 };
const WITHOUT_ACCOUNT = {
  ...WITHOUT_USER,
  course_completion_rate: 4,
  csat_score: 4,
  referral_rate: 0,
};

test('a user is gone, live and in history, as if they had never been', async () => {
  await it.publish([...company, referral, ...movedTicket, ...ofUser]);
  await send([
    event('user.joined_account', {
      event_id: 'join-1',
      occurred_at: DAY0,
      user_id: USER,
      account_id: 'a1',
    }),
  ]);
  // No time is later than this one: it is refused, and kept as a dead letter.
  await send([action('broken', { occurred_at: systemClock() + DAY_MS, user_id: USER })]);
  await untilCounted(ALL);
  const done = await forget('user', USER);
  expect(done.events).toBe(ofUser.length + 1);
  await untilCounted(WITHOUT_USER);
  await it.expectRecounted();
  expect(await redisText()).not.toContain(USER);
  expect(await namedRows(USER)).toBe(0);
});

test('neither events sent again, nor records written past ingest, nor rebuilds bring the user back', async () => {
  const again = await send(ofUser);
  expect(again).toMatchObject({ accepted: 0 });
  expect(JSON.stringify(again)).toContain('subject_erased');
  expect(JSON.stringify(again)).not.toContain(USER);
  await it.publish(ofUser);
  await untilCounted(WITHOUT_USER);
  await it.expectRecounted();
  expect(await namedRows(USER)).toBe(0);
  for (const from of ['kafka', 'clickhouse']) {
    expect((await runKpi(it.pipeline, ['rebuild', '--from', from])).code).toBe(0);
    await untilCounted(WITHOUT_USER);
    await it.expectRecounted();
    expect(await redisText()).not.toContain(USER);
  }
});

test('an account is erased by an event, through a crash of the archive in the middle', async () => {
  await send([
    event('subject.erased', { event_id: 'erase-1', occurred_at: TODAY, account_id: ACCOUNT }),
  ]);
  const erasures = new Erasures({
    client: it.pipeline.redis,
    prefix: it.pipeline.config.KPI_REDIS_PREFIX,
  });
  await until('it is under way', async () => {
    const [pending] = await erasures.pending();
    return pending !== undefined && (await erasures.step(pending.id)) !== 'asked';
  });
  await it.stage.stop('archive');
  expect(await erasures.pending()).toHaveLength(1);
  await it.stage.start(['archive'], { KPI_ARCHIVE_WAIT_MS: '100' });
  await until('it is complete', async () => (await erasures.pending()).length === 0, 60_000);
  await untilCounted(WITHOUT_ACCOUNT);
  await it.expectClean();
  expect(await redisText()).not.toContain(ACCOUNT);
  expect(await namedRows(ACCOUNT)).toBe(0);
  const shown = await runKpi(it.pipeline, ['forget', '--receipts', '--json']);
  expect(JSON.parse(shown.output)).toMatchObject([
    { subject_kind: 'account', requested_by: 'source test' },
    { subject_kind: 'user', requested_by: 'kpi forget', dead_letters: 1, memberships: 1 },
  ]);
  expect(shown.output).not.toContain(USER);
});

test('what somebody did in an account that was merged is gone from the account that goes on', async () => {
  const guest = 'guest-of-a-merged-account';
  const tickets = async (): Promise<number> => {
    const view = it.pipeline.view();
    await view.reload();
    const [row] = view.read(question('support_ticket_rate'));
    return Number(row?.components['tickets'] ?? 0n);
  };
  const before = await tickets();
  await it.publish([
    event('billing.subscription_started', {
      event_id: 'start-1',
      occurred_at: DAY0,
      account_id: 'a3',
    }),
    event('account.merged', {
      event_id: 'merge-1',
      occurred_at: DAY0,
      account_id: 'merged',
      from_account_id: 'merged',
      into_account_id: 'a3',
    }),
    event('support.ticket_created', {
      event_id: 'ticket-2',
      occurred_at: TODAY - DAY_MS,
      ticket_id: 't2',
      account_id: 'merged',
      requester_user_id: guest,
    }),
  ]);
  await until('the ticket counts', async () => (await tickets()) === before + 1);
  await forget('user', guest);
  expect(await tickets()).toBe(before);
  await it.expectClean();
});
