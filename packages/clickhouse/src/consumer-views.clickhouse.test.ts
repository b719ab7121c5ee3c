import { expect, test } from 'vitest';

import {
  accountCreated,
  answered,
  completed,
  enrolled,
  lessonCompleted,
  subscribed,
  subscriptionEnded,
  subscriptionUpdated,
  ticketCreated,
  ticketInvalidated,
  unenrolled,
} from './test-events.ts';
import { testHistoryOfFile } from './test-history.ts';

const it = testHistoryOfFile();

/** Day `n` of January 2026 as the views print it. */
const january = (n: number): string => `2026-01-${String(n + 1).padStart(2, '0')} 00:00:00.000`;

test('accounts tell their life, the last statement about them and when they were trained', async () => {
  await it.insert(
    accountCreated(0, { account_id: 'a1', account_name: 'Old', domain: 'a.example' }),
    accountCreated(1, { account_id: 'a1', account_name: 'New' }),
    subscribed(2, { account_id: 'a1', subscription_id: 's1', plan_id: 'pro' }),
    completed(3, { account_id: 'a1', user_id: 'u1', course_id: 'c1' }),
    subscriptionEnded(9, { account_id: 'a1', subscription_id: 's1' }),
    subscribed(4, { account_id: 'a2', subscription_id: 's2', plan_id: 'team' }),
    accountCreated(0, { account_id: 'own', is_internal: true }),
  );
  const rows = await it.select(
    `SELECT account_id, account_name, domain, is_internal, created_at, customer_since, is_active, churned_at, plan, trained_at
     FROM {{database}}.accounts ORDER BY account_id`,
  );
  expect(rows).toEqual([
    {
      account_id: 'a1',
      account_name: 'New',
      domain: 'a.example',
      is_internal: false,
      created_at: january(0),
      customer_since: january(2),
      is_active: false,
      churned_at: january(9),
      plan: '(none)',
      trained_at: january(3),
    },
    {
      account_id: 'a2',
      account_name: null,
      domain: null,
      is_internal: false,
      created_at: null,
      customer_since: january(4),
      is_active: true,
      churned_at: null,
      plan: 'team',
      trained_at: null,
    },
    {
      account_id: 'own',
      account_name: null,
      domain: null,
      is_internal: true,
      created_at: january(0),
      customer_since: null,
      is_active: false,
      churned_at: null,
      plan: '(none)',
      trained_at: null,
    },
  ]);
});

test('pieces of person-time are constant in training, tenure and plan', async () => {
  await it.insert(
    subscribed(0, { account_id: 'a1', subscription_id: 's1', plan_id: 'basic' }),
    completed(10, { account_id: 'a1', user_id: 'u1', course_id: 'c1' }),
    subscriptionUpdated(20, {
      account_id: 'a1',
      subscription_id: 's1',
      plan_id: 'pro',
      mrr_minor: 5,
    }),
    subscriptionEnded(29, { account_id: 'a1', subscription_id: 's1' }),
  );
  const rows = await it.select(
    'SELECT from_at, to_at, is_trained, tenure, plan FROM {{database}}.account_pieces ORDER BY from_at',
  );
  expect(rows).toEqual([
    { from_at: january(0), to_at: january(10), is_trained: false, tenure: '0-28', plan: 'basic' },
    { from_at: january(10), to_at: january(20), is_trained: true, tenure: '0-28', plan: 'basic' },
    { from_at: january(20), to_at: january(28), is_trained: true, tenure: '0-28', plan: 'pro' },
    { from_at: january(28), to_at: january(29), is_trained: true, tenure: '28-84', plan: 'pro' },
  ]);
});

test('course runs say when they began and ended, and what was imputed', async () => {
  await it.insert(
    enrolled(1, { user_id: 'u1', account_id: 'a1', course_id: 'c1' }),
    completed(5, { user_id: 'u1', course_id: 'c1' }),
    completed(7, { user_id: 'u1', course_id: 'c1' }),
    lessonCompleted(2, { user_id: 'u2', course_id: 'c1', course_version: '2' }),
    enrolled(1, { user_id: 'u3', course_id: 'c1' }),
    unenrolled(2, { user_id: 'u3', course_id: 'c1', reason: 'refund' }),
  );
  const rows = await it.select(
    `SELECT user_id, course_version, account_id, enrolled_at, is_enrolment_imputed, completed_at, unenrolled_at, unenrolment_reason
     FROM {{database}}.course_runs ORDER BY user_id`,
  );
  const none = {
    account_id: null,
    completed_at: null,
    unenrolled_at: null,
    unenrolment_reason: null,
  };
  expect(rows).toEqual([
    {
      ...none,
      user_id: 'u1',
      course_version: '1',
      account_id: 'a1',
      enrolled_at: january(1),
      is_enrolment_imputed: false,
      completed_at: january(5),
    },
    {
      ...none,
      user_id: 'u2',
      course_version: '2',
      enrolled_at: january(2),
      is_enrolment_imputed: true,
    },
    {
      ...none,
      user_id: 'u3',
      course_version: '1',
      enrolled_at: january(1),
      is_enrolment_imputed: false,
      unenrolled_at: january(2),
      unenrolment_reason: 'refund',
    },
  ]);
});

test('tickets, subscriptions and responses are one row each, in their last state', async () => {
  await it.insert(
    ticketCreated(1, { account_id: 'a1', ticket_id: 't1', priority: 'low' }),
    ticketCreated(2, { account_id: 'a1', ticket_id: 't1', priority: 'high' }),
    ticketCreated(3, { account_id: 'a1', ticket_id: 't2' }),
    ticketInvalidated(4, { ticket_id: 't2' }),
    subscribed(0, { account_id: 'a1', subscription_id: 's1', mrr_minor: 5 }),
    subscriptionUpdated(1, { account_id: 'a1', subscription_id: 's1', mrr_minor: 7 }),
    subscribed(0, { account_id: 'a1', subscription_id: 's2', mrr_minor: 5 }),
    subscriptionEnded(2, { account_id: 'a1', subscription_id: 's2' }),
    answered(1, { user_id: 'u1', instance_id: 'i1', score: 3, scale_min: 1, scale_max: 5 }),
    answered(2, { user_id: 'u1', instance_id: 'i1', score: 5, scale_min: 1, scale_max: 5 }),
  );
  expect(
    await it.select(
      'SELECT ticket_id, created_at, priority, is_invalidated FROM {{database}}.tickets ORDER BY ticket_id',
    ),
  ).toEqual([
    { ticket_id: 't1', created_at: january(2), priority: 'high', is_invalidated: false },
    { ticket_id: 't2', created_at: january(3), priority: null, is_invalidated: true },
  ]);
  expect(
    await it.select(
      'SELECT subscription_id, started_at, ended_at, toInt32(mrr_minor) AS mrr FROM {{database}}.subscriptions ORDER BY subscription_id',
    ),
  ).toEqual([
    { subscription_id: 's1', started_at: january(0), ended_at: null, mrr: 7 },
    { subscription_id: 's2', started_at: january(0), ended_at: january(2), mrr: 0 },
  ]);
  expect(
    await it.select(
      'SELECT score, is_latest FROM {{database}}.survey_responses ORDER BY submitted_at',
    ),
  ).toEqual([
    { score: 3, is_latest: false },
    { score: 5, is_latest: true },
  ]);
});
