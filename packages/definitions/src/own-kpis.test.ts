import { type OwnKpi, days, hours } from '@kpi/core';
import { expect, test } from 'vitest';

import { formatDefinitions, parseDefinitions, readDefinitions } from './definitions-file.ts';

function ownIn(text: string): readonly OwnKpi[] {
  return parseDefinitions(text, 'own.yaml').ownKpis;
}

function problemsOf(text: string): readonly string[] {
  const read = readDefinitions(text);
  return 'problems' in read
    ? read.problems.map((one) => `${one.line} ${one.field}: ${one.reason}`)
    : [];
}

const FILE = `
kpis:
  - id: exports
    title: Exports
    type: count
    events: { event: product.action_performed, where: [{ field: action, equals: export }] }
    dimensions: [plan, feature, { name: region, field: attributes.region }]
  - id: revenue_per_account
    version: 2
    title: Revenue per paying account
    description: Net of tax.
    type: ratio
    numerator: { type: sum, events: billing.invoice_paid, of: amount_net_minor }
    denominator: { type: distinct, events: billing.invoice_paid, of: account }
    windows: [28d]
  - id: easy_answers
    title: Mean effort
    type: mean
    of: score
    events:
      event: survey.response_submitted
      where:
        - { field: kind, equals: ces }
        - { field: score, greater: 0 }
        - { field: context, not: [ticket, course] }
    unit: scale_points
  - id: learners_who_finish
    title: Learners who finish
    type: cohort_ratio
    entry: lms.course_started
    converted: { event: lms.course_completed, where: [{ field: success, not: false }] }
    per: user
    horizon: 36h
`;

test('declarations of a file, with defaults', () => {
  const [exports, revenue, answers, learners] = ownIn(FILE);
  expect(exports).toEqual({
    id: 'exports',
    version: 1,
    title: 'Exports',
    description: '',
    type: 'count',
    events: {
      event: 'product.action_performed',
      where: [{ field: 'action', is: 'in', values: ['export'] }],
    },
    unit: 'number',
    dimensions: [
      { name: 'plan', field: 'account.plan' },
      { name: 'feature', field: 'feature' },
      { name: 'region', field: 'attributes.region' },
    ],
    windows: [days(7), days(28)],
  });
  expect(revenue).toMatchObject({ unit: 'money', version: 2, windows: [days(28)] });
  expect(answers).toMatchObject({ type: 'mean', of: 'score', unit: 'scale_points' });
  expect(learners).toMatchObject({ unit: 'ratio', per: 'user', horizonMs: hours(36) });
});

test('what is written of definitions reads as the same', () => {
  const definitions = parseDefinitions(FILE, 'own.yaml');
  expect(readDefinitions(formatDefinitions(definitions))).toEqual({ definitions });
});

test('nothing behind the key is no KPI', () => {
  expect(ownIn('kpis:\n')).toEqual([]);
});

test('what is wrong is named by line, whether of form or of meaning', () => {
  expect(
    problemsOf(`kpis:
  - id: csat_score
    title: Mine
    type: distinct
    events: { event: billing.invoice_paid, where: [{ field: action, equals: x }] }
    of: account
    windows: [28d, 7d]
  - id: other
    title: Other
    type: sum
    events: billing.invoice_paid
    of: currency
    unit: ratio
    dimensions: [invoice_id]
`),
  ).toEqual([
    '2 kpis[0].id: is the id of another KPI',
    '5 kpis[0].events.where[0].field: there is no field action',
    '7 kpis[0].windows[1]: must be longer than the one before',
    '12 kpis[1].of: must hold whole numbers',
    '13 kpis[1].unit: must be number',
    '14 kpis[1].dimensions[0].field: has too many values',
  ]);
  expect(
    problemsOf(`kpis:
  - id: one
    title: One
    type: total
  - id: two
    title: Two
    type: count
    events:
      event: product.clicked
  - id: three
    title: Three
    type: count
    events:
      event: product.action_performed
      where:
        - { field: action, equals: a, in: [b] }
    colour: red
`).map((problem) => problem.split(', ')[0]),
  ).toEqual([
    '4 kpis[0].type: expected the key type: count',
    '9 kpis[1].events.event: expected an event: account.created',
    '16 kpis[2].events.where[0]: expected a field and one of equals',
    '17 kpis[2].colour: Unrecognized key: "colour"',
  ]);
});
