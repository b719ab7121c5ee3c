import { expect, test } from 'vitest';

import type { ListedMember, MembersPage } from '../client/members-answer.ts';
import { formatMembers } from './format-members.ts';
import { MEMBER_FORMATS } from './member-lines.ts';

const SALE: ListedMember = {
  unit: 'sale',
  ids: { account_id: 'acme', source: 'stripe', invoice_id: 'in "7"' },
  at: '2026-01-02T00:00:00.000Z',
  dimensions: { plan: 'pro' },
  counted: true,
  counts: ['current', 'movements'].map((component, index) => ({
    component,
    roles: [],
    weight: index === 0 ? 125_000 : 1,
    dimensions: { plan: 'pro', currency: 'EUR' },
    counts_from: '2026-01-02T00:00:00.001Z',
    counts_until: '2026-01-30T00:00:00.001Z',
  })),
  reason: null,
};

const RUN: ListedMember = {
  unit: 'course_run',
  ids: { user_id: 'u1', course_id: 'basics' },
  at: null,
  dimensions: {},
  counted: false,
  counts: [],
  reason: {
    code: 'outside_window',
    text: 'It counts at other as-of times only.',
    counts_from: '2026-03-01T00:00:00.000Z',
    counts_until: null,
  },
};

const PAGE: MembersPage = {
  kpi_id: 'sales_growth_rate',
  definition_version: 1,
  window: { kind: 'rolling', from: '2026-01-01T00:00:00.000Z', to: '2026-01-29T00:00:00.000Z' },
  as_of: '2026-01-29T00:00:00.000Z',
  by: [],
  filter: {},
  withheld: false,
  members: [SALE, RUN],
  next: null,
};

test('people see ids, what is counted with its currency, and the reason with its time', () => {
  const text = formatMembers(PAGE);
  expect(text).toContain('acme · stripe · in "7"');
  expect(text).toContain('current EUR 125,000, movements EUR 1');
  expect(text).toContain('outside_window (it counts from 2026-03-01T00:00:00.000Z)');
  expect(text).toContain('2 members');
  expect(text).not.toContain('and more');
  expect(formatMembers({ ...PAGE, next: 'x' })).toContain('2 members, and more');
});

test('nobody and withheld are said', () => {
  expect(formatMembers({ ...PAGE, members: [] })).toContain('nobody to list');
  expect(formatMembers({ ...PAGE, members: [], withheld: true })).toContain('withheld');
});

test('a member is a line of CSV for each of its counts, or one without, and fields are quoted', () => {
  const { head, lineOf } = MEMBER_FORMATS.csv;
  const columns = head.trim().split(',').length;
  expect(lineOf(SALE)).toBe(
    [
      'sale,acme,,"source=stripe;invoice_id=in ""7""",2026-01-02T00:00:00.000Z,plan=pro,true,current,125000,plan=pro;currency=EUR,2026-01-02T00:00:00.001Z,2026-01-30T00:00:00.001Z,\n',
      'sale,acme,,"source=stripe;invoice_id=in ""7""",2026-01-02T00:00:00.000Z,plan=pro,true,movements,1,plan=pro;currency=EUR,2026-01-02T00:00:00.001Z,2026-01-30T00:00:00.001Z,\n',
    ].join(''),
  );
  expect(lineOf(RUN)).toBe(
    'course_run,,u1,course_id=basics,,,false,,,,2026-03-01T00:00:00.000Z,,outside_window\n',
  );
  expect(lineOf(RUN).trim().split(',')).toHaveLength(columns);
});

test('in NDJSON a member is as the API told it', () => {
  expect(JSON.parse(MEMBER_FORMATS.ndjson.lineOf(SALE))).toEqual(SALE);
});
