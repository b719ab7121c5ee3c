import { DEFAULT_DEFINITIONS, type KpiEvent, type Member, kpiOf } from '@kpi/core';
import { describe, expect, test } from 'vitest';

import { Census } from '../support/census.ts';
import { logged } from '../support/core-engine.ts';
import { event } from '../support/event.ts';
import { exampleQuery } from '../support/example-answer.ts';
import { type Example, examples } from '../support/examples/index.ts';

const TENANT = 'acme';
const AS_OF = Date.UTC(2026, 2, 30, 5);
const EXAMPLES = examples(AS_OF);

/** Members of the first question of an example, by how many say the same. */
function told(
  example: Example,
  events: readonly KpiEvent[] = [],
): Readonly<Record<string, number>> {
  const census = new Census(logged([...example.events, ...events]), DEFAULT_DEFINITIONS);
  const [question] = example.questions;
  if (question === undefined) throw new RangeError(`${example.title} asks nothing`);
  const members = census.members(exampleQuery(example, question, TENANT), example.asOf);
  const said = Map.groupBy(members, ({ kind, reason }) => `${kind} ${reason?.code ?? 'counts'}`);
  return Object.fromEntries([...said].map(([name, own]) => [name, own.length]));
}

function exampleOf(kpiId: string, index = 0): Example {
  const found = EXAMPLES.filter(({ questions }) => questions[0]?.kpiId === kpiId)[index];
  if (found === undefined) throw new RangeError(`no example ${index} of ${kpiId}`);
  return found;
}

/** KPI_SPEC 2: who counts in the worked examples, who does not, and why. */
const REASONS: readonly (readonly [kpiId: string, told: Readonly<Record<string, number>>])[] = [
  [
    'course_completion_rate',
    {
      'course_run counts': 2,
      'course_run not_completed_in_time': 2,
      'course_run withdrawn_in_grace': 1,
      'course_run immature': 1,
    },
  ],
  [
    'customer_churn_rate',
    { 'account counts': 9, 'account did_not_churn': 191, 'account not_active_at_start': 30 },
  ],
  ['registered_churn_share', { 'account counts': 13, 'account did_not_become_dormant': 487 }],
  ['csat_score', { 'answer counts': 5, 'answer not_satisfied': 2 }],
  ['nps_score', { 'answer counts': 6, 'answer passive': 2 }],
  ['clv_observed', { 'account counts': 3, 'account immature': 1 }],
  [
    'support_ticket_rate',
    {
      'account counts': 4,
      'ticket counts': 7,
      'ticket not_customer_initiated': 1,
      'ticket invalidated': 1,
      'ticket account_not_active': 1,
      'ticket unresolved_account': 1,
    },
  ],
  ['time_to_first_value', { 'account counts': 4, 'account not_reached': 2 }],
  [
    'activation_rate',
    { 'account counts': 5, 'account not_activated_in_time': 3, 'account immature': 2 },
  ],
  [
    'adoption_rate',
    { 'account counts': 6, 'account not_in_regular_use': 4, 'account immature': 1 },
  ],
  ['customer_effort_score', { 'answer counts': 6 }],
  ['time_to_proficiency', { 'user counts': 3, 'user not_reached': 2 }],
  [
    'customer_acquisition_cost',
    { 'account counts': 5, 'account outside_window': 1, 'spend counts': 3 },
  ],
  [
    'expansion_conversion_rate',
    { 'account counts': 7, 'account did_not_expand': 33, 'account not_onboarded': 1 },
  ],
  [
    'referral_rate',
    { 'account counts': 4, 'account no_valid_referral': 36, 'account not_onboarded': 1 },
  ],
];

test.each(REASONS)('%s: who counts in its worked example, and why others do not', (kpiId, all) => {
  expect(told(exampleOf(kpiId))).toEqual(all);
});

test('an answer that a later one replaced, one of before the window', () => {
  expect(told(exampleOf('csat_score', 1))).toEqual({
    'answer superseded_by_a_later_answer': 1,
    'answer not_satisfied': 1,
    'answer counts': 1,
    'answer outside_window': 1,
  });
});

test('who was referred and became a customer in time, and why others are not counted', () => {
  expect(told(exampleOf('referral_rate', 1))).toMatchObject({
    'account counts': 2,
    'account not_converted_in_time': 2,
    'account customer_already': 1,
    'account immature': 1,
    'account outside_window': 1,
  });
});

test('who got back all that was paid at the beginning is no customer won', () => {
  expect(told(exampleOf('customer_acquisition_cost', 1))).toMatchObject({
    'account refunded_in_grace': 1,
    'spend no_fx_rate': 1,
  });
});

describe('an internal account', () => {
  const example = exampleOf('course_completion_rate');
  const internal = event('account.created', {
    event_id: 'north-is-internal',
    occurred_at: example.asOf - 1,
    account_id: 'north',
    is_internal: true,
  });

  test('counts in nothing, and says so', () => {
    expect(told(example, [internal])).toMatchObject({ 'course_run internal_account': 2 });
    const census = new Census(logged([...example.events, internal]), DEFAULT_DEFINITIONS);
    const [question] = example.questions;
    if (question === undefined) throw new RangeError('the example asks nothing');
    const members = census.members(exampleQuery(example, question, TENANT), example.asOf);
    const own = members.filter(({ ids }) => ids['account_id'] === 'north');
    expect(own.flatMap(({ counts }: Member) => counts)).toEqual([]);
  });
});

test('what lies outside of the window says when it counts', () => {
  const example = exampleOf('csat_score', 1);
  const census = new Census(logged(example.events), DEFAULT_DEFINITIONS);
  const [question] = example.questions;
  if (question === undefined) throw new RangeError('the example asks nothing');
  const query = exampleQuery(example, question, TENANT);
  const early = census
    .members(query, example.asOf)
    .find(({ reason }) => reason?.code === 'outside_window');
  const until = early?.reason?.countsUntil ?? Number.NaN;
  expect(until).toBeLessThanOrEqual(example.asOf);
  const named = (asOf: number): Member | undefined =>
    census.members(query, asOf).find(({ name }) => name === early?.name);
  expect(named(until - 1)?.isCounted).toBe(true);
  expect(named(until)?.isCounted).toBe(false);
});

test('every KPI has a worked example here or money without reasons', () => {
  const money = ['sales_growth_rate', 'clv_formula'];
  const listed = new Set([...REASONS.map(([kpiId]) => kpiId), ...money]);
  const missing = EXAMPLES.flatMap(({ questions }) => questions.map(({ kpiId }) => kpiId)).filter(
    (kpiId) => kpiOf(kpiId) !== undefined && !listed.has(kpiId),
  );
  expect(missing).toEqual([]);
});
