import { DEFAULT_DEFINITIONS, type Definitions, days, hours } from '@kpi/core';
import { expect, test } from 'vitest';
import { parse as parseYaml } from 'yaml';

import { defaultFile } from './default-file.ts';
import { formatDefinitions, parseDefinitions, readDefinitions } from './definitions-file.ts';

function problemsOf(text: string): readonly string[] {
  const read = readDefinitions(text);
  return 'problems' in read
    ? read.problems.map((one) => `${one.line}:${one.column} ${one.field}: ${one.reason}`)
    : [];
}

/** A tenant that decides everything otherwise. */
const OTHER: Definitions = {
  changes: 0,
  reportingCurrency: 'JPY',
  completion: { horizonMs: days(14), graceMs: 0 },
  acquisition: { lagMs: days(30), refundGraceMs: hours(36) },
  activation: { horizonMs: hours(36), keyActions: ['one', 'two', 'three'], rule: 2 },
  observedAgeMonths: 12,
  proficiencyCourses: ['advanced'],
  valueActions: ['export', 'share'],
  inactivityLimitMs: days(14),
  regularUse: { days: 2, blocks: 4 },
  expansion: { graceMs: 0 },
  referral: { horizonMs: days(56) },
  churn: { pauseLimitMs: days(30), recognition: 'cancellation' },
  refundAttribution: 'original',
  surveys: {
    satisfiedBoxes: { 2: 1, 3: 2, 5: 1, 7: 3, 10: 3, 11: 1 },
    latestPerRespondent: ['general', 'ticket'],
  },
  comparison: { prepostMs: days(60), washoutMs: 0 },
  tenureEdgesMs: [days(30), days(90)],
  trainingCourses: ['basics', '101'],
  lowN: 10,
  suppressN: 5,
  silenceLimitMs: { stripe: days(2), '*': days(7) },
  ownKpis: [
    {
      id: 'exports',
      version: 1,
      title: 'Exports',
      description: '',
      type: 'count',
      events: { event: 'product.action_performed', where: [] },
      unit: 'number',
      dimensions: [],
      windows: [days(7)],
    },
  ],
};

test('the commented file of defaults says what holds without a file', () => {
  expect(readDefinitions(defaultFile())).toEqual({ definitions: DEFAULT_DEFINITIONS });
});

test('the KPIs that the commented file shows can be declared', () => {
  const [, shown = ''] = /\n(#   - id: exports[^]*?)kpis: \[\]/.exec(defaultFile()) ?? [];
  const text = `kpis:\n${shown.replaceAll(/^# /gm, '')}`;
  const read = readDefinitions(text);
  const ids = 'definitions' in read ? read.definitions.ownKpis.map(({ id }) => id) : read;
  expect(ids).toEqual(['exports', 'nps_response_rate']);
});

test('the commented file names every key that there is', () => {
  const keys = Object.keys(parseYaml(formatDefinitions(OTHER)));
  for (const key of keys) expect(defaultFile()).toMatch(new RegExp(`^${key}:`, 'm'));
});

test.each([
  ['an empty file', ''],
  ['a file of comments', '# nothing yet\n'],
  ['sections without a key', 'completion:\nchurn:\n  # pause_limit: 30d\nsilence_limits:\n'],
])('%s leaves everything at its default', (_, text) => {
  expect(readDefinitions(text)).toEqual({ definitions: DEFAULT_DEFINITIONS });
});

test('definitions that are written to a file are the same when they are read', () => {
  for (const definitions of [DEFAULT_DEFINITIONS, OTHER])
    expect(readDefinitions(formatDefinitions(definitions))).toEqual({ definitions });
});

test('what a file says is changed, and nothing else', () => {
  const text = 'completion:\n  horizon: 14d\nactivation:\n  mode: ordered\n';
  expect(parseDefinitions(text, 'a.yaml')).toEqual({
    ...DEFAULT_DEFINITIONS,
    completion: { ...DEFAULT_DEFINITIONS.completion, horizonMs: days(14) },
    activation: { ...DEFAULT_DEFINITIONS.activation, rule: 'ordered' },
  });
});

test('all that is wrong is named at once, each at its place', () => {
  const text = `completion:
  horizon: soon
  horizont: 14d
activation:
  key_actions: [invite_user, invite_user, 7]
regular_use: 3
tenure_edges: [28d, 14d]
low_n: 2.5
currency: EUR
`;
  expect(problemsOf(text)).toEqual([
    '2:12 completion.horizon: "soon" is not a duration such as 28d, 24h or 90m',
    '3:3 completion.horizont: there is no such key here; there are horizon, grace',
    '5:43 activation.key_actions[2]: 7 is not a text: put it in quotes',
    '6:14 regular_use: expected the keys days, blocks',
    '7:21 tenure_edges[1]: is not after the one before',
    '8:8 low_n: expected a whole number from 0 to 1000000',
    expect.stringMatching(
      /^9:1 currency: there is no such key here; there are reporting_currency, /,
    ),
  ]);
});

test.each([
  ['reporting_currency: euro', '1:21 reporting_currency: is not an ISO 4217 code such as EUR'],
  [
    'completion: {horizon: 0d}',
    '1:23 completion.horizon: "0d" is not a duration such as 28d, 24h or 90m',
  ],
  [
    'completion: {grace: 3}',
    '1:21 completion.grace: expected a duration such as 28d, 24h or 90m, or 0d',
  ],
  ['completion: {horizon: 9000d}', '1:23 completion.horizon: is at most 7320d'],
  ['activation: {key_actions: []}', '1:27 activation.key_actions: names at least one action'],
  ['activation: {key_actions: [a, a]}', '1:31 activation.key_actions[1]: is in the list already'],
  ['activation: {key_actions: [a, b], mode: 3}', '1:41 activation.mode: there are 2 key actions'],
  ['value_event: login', '1:14 value_event: expected is_value_event, or a list of actions'],
  ['prepost: 400d', '1:10 prepost: is at most 366d'],
  ['refund_attribution: never', '1:21 refund_attribution: expected refund or original'],
  [
    'surveys: {satisfied_boxes: {5: 5}}',
    '1:28 surveys.satisfied_boxes.5: expected a whole number from 1 to 4',
  ],
  [
    'surveys: {satisfied_boxes: {4: 1}}',
    '1:29 surveys.satisfied_boxes.4: there is no such key here; there are 2, 3, 5, 7, 10, 11',
  ],
  [
    'activation: {mode: any}',
    '1:20 activation.mode: expected all, ordered, or how many of the key actions are enough',
  ],
  ['regular_use: {blocks: 5}', '1:23 regular_use.blocks: expected a whole number from 1 to 4'],
  ['clv: {age_months: 0}', '1:19 clv.age_months: expected a whole number from 1 to 120'],
  [
    'silence_limits: {stripe: often}',
    '1:26 silence_limits.stripe: "often" is not a duration such as 28d, 24h or 90m',
  ],
  ['- a list', '1:1 : expected the keys reporting_currency'],
  ['low_n: 1\nlow_n: 2', '2:1 : Map keys must be unique'],
  ['completion: [', '1:14 : Flow sequence in block collection must be sufficiently indented'],
  ['low_n: *five', '1:1 : Unresolved alias'],
])('%s is refused', (text, problem) => {
  expect(problemsOf(text)[0]).toContain(problem);
});

test.each([
  ['churn: {recognition: notice}', '1:22 churn.recognition: expected period_end or cancellation'],
  ['training: {rule: all_users}', '1:18 training.rule: only any_user is counted'],
  ['time_zone: Europe/Paris', '1:12 time_zone: only UTC is counted'],
  ['activity: all', '1:11 activity: only value_events is counted'],
  ['origin: first_login', '1:9 origin: only account_created is counted'],
  ['past_due: {grace: 14d}', '1:11 past_due: cannot be chosen yet: an account'],
])('what is counted in one way only cannot be chosen: %s', (text, problem) => {
  expect(problemsOf(text)[0]).toContain(problem);
});

test('a file of any size is read in bounded time', () => {
  expect(problemsOf('#'.repeat(300_000))).toEqual(['1:1 : has more than 262144 characters']);
  const names = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'];
  const bomb = names.map((name, index) => {
    const before = `*${names[index - 1]}`;
    const items = index === 0 ? ['x'] : Array.from({ length: 9 }, () => before);
    return `${name}: &${name} [${items.join(', ')}]`;
  });
  expect(problemsOf(bomb.join('\n'))[0]).toContain('Excessive alias count');
});

test('a fault names file, line, column, field and reason of each problem', () => {
  expect(() => parseDefinitions('low_n: x\nsuppress_n: y\n', 'acme.yaml')).toThrow(
    '[definitions_invalid] acme.yaml:1:8: low_n: expected a whole number from 0 to 1000000\n' +
      'acme.yaml:2:13: suppress_n: expected a whole number from 0 to 1000000',
  );
});
