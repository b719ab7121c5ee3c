import { expect, test } from 'vitest';

import { days } from './duration.ts';
import { EVENT_FIELDS } from './event-fields.gen.ts';
import { OWN_EVENT_TYPES, problemsOf } from './own-check.ts';
import { type OwnFormula, type OwnKpi, isMoneyField } from './own-kpi.ts';

const ACTIONS = { event: 'product.action_performed', where: [] } as const;
const INVOICES = { event: 'billing.invoice_paid', where: [] } as const;

type Others = Partial<Omit<OwnKpi, keyof OwnFormula>>;

function own(formula: OwnFormula, others: Others = {}): OwnKpi {
  return {
    ...formula,
    id: 'mine',
    version: 1,
    title: 'Mine',
    description: '',
    unit: 'number',
    dimensions: [],
    windows: [days(7)],
    ...others,
  };
}

function problems(formula: OwnFormula, others: Others = {}): readonly string[] {
  return problemsOf([own(formula, others)]).map(
    ({ path, message }) => `${path.slice(1).join('.')} ${message}`,
  );
}

const COUNT: OwnFormula = { type: 'count', events: ACTIONS };

test('what can be counted has none', () => {
  const filtered = {
    ...ACTIONS,
    where: [
      { field: 'action', is: 'in', values: ['a', 'b'] },
      { field: 'is_value_event', is: 'not_in', values: [true] },
      { field: 'attributes.rows', is: 'greater', values: [10] },
    ],
  } as const;
  const dimensions = [
    { name: 'plan', field: 'account.plan' },
    { name: 'feature', field: 'feature' },
    { name: 'region', field: 'attributes.region' },
  ];
  expect(problems({ type: 'count', events: filtered }, { dimensions })).toEqual([]);
  const paid: OwnFormula = { type: 'sum', events: INVOICES, of: 'amount_net_minor' };
  expect(problems(paid, { unit: 'money' })).toEqual([]);
  const cohort: OwnFormula = {
    type: 'cohort_ratio',
    entry: ACTIONS,
    converted: INVOICES,
    per: 'account',
    horizonMs: days(7),
  };
  expect(problems(cohort, { unit: 'ratio' })).toEqual([]);
});

test.each<[string, OwnFormula, Others, string]>([
  ['a built-in id', COUNT, { id: 'nps_score' }, 'id is the id of another KPI'],
  ['an id with a dot', COUNT, { id: 'a.b' }, 'id must be snake_case'],
  ['no window', COUNT, { windows: [] }, 'windows must be 1 to 4 windows'],
  [
    'a window between buckets',
    COUNT,
    { windows: [days(7) + 1] },
    'windows.0 must be a multiple of 60',
  ],
  ['a unit of its own', COUNT, { unit: 'ratio' }, 'unit must be number'],
  [
    'an event that is published twice',
    { type: 'count', events: { event: 'account.merged', where: [] } },
    {},
    'events.event is not an event',
  ],
  [
    'a sum of texts',
    { type: 'sum', events: ACTIONS, of: 'action' },
    {},
    'of must hold whole numbers',
  ],
  ['a mean of money', { type: 'mean', events: INVOICES, of: 'tax_minor' }, {}, 'of is money'],
  [
    'a ratio against money',
    {
      type: 'ratio',
      numerator: COUNT,
      denominator: { type: 'sum', events: INVOICES, of: 'tax_minor' },
    },
    {},
    'denominator is money',
  ],
  [
    'a dimension of ids',
    { type: 'count', events: INVOICES },
    { dimensions: [{ name: 'invoice', field: 'invoice_id' }] },
    'dimensions.0.field has too many values',
  ],
  [
    'a dimension that one side lacks',
    { type: 'ratio', numerator: COUNT, denominator: { type: 'count', events: INVOICES } },
    { dimensions: [{ name: 'currency', field: 'currency' }] },
    'dimensions.0.field product.action_performed has no currency',
  ],
  [
    'a property of every object',
    { type: 'count', events: INVOICES },
    { dimensions: [{ name: 'constructor', field: 'constructor' }] },
    'dimensions.0.field billing.invoice_paid has no constructor',
  ],
  [
    'a number for a text',
    {
      type: 'count',
      events: { ...ACTIONS, where: [{ field: 'action', is: 'in', values: [1] }] },
    },
    {},
    'events.where.0.values must be string',
  ],
  [
    'a comparison of texts',
    {
      type: 'count',
      events: { ...ACTIONS, where: [{ field: 'action', is: 'less', values: [1] }] },
    },
    {},
    'events.where.0.field holds no numbers',
  ],
])('%s is named', (_title, formula, others, expected) => {
  expect(problems(formula, others)).toEqual([expect.stringContaining(expected)]);
});

test('ids are different, and not too many', () => {
  expect(problemsOf([own(COUNT), own(COUNT)])).toHaveLength(1);
  const many = Array.from({ length: 21 }, (_, index) => own(COUNT, { id: `mine_${index}` }));
  expect(problemsOf(many).map(({ message }) => message)).toEqual(['must be at most 20 KPIs']);
});

test('fields of money have a currency beside them, and names that say so', () => {
  for (const type of OWN_EVENT_TYPES) {
    const fields = Object.entries(EVENT_FIELDS[type]);
    for (const [name, kind] of fields) expect(isMoneyField(name)).toBe(kind === 'money');
    if (fields.some(([, kind]) => kind === 'money'))
      expect(EVENT_FIELDS[type]).toHaveProperty('currency');
  }
});
