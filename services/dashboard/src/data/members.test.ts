import { expect, test } from 'vitest';

import { countsText, membersPath } from './members.ts';

test('the page asks for few, by the window that it shows', () => {
  expect(membersPath('nps_score', { window: '28d', isCounted: false })).toBe(
    '/v1/kpis/nps_score/members?window=28d&counted=false&limit=20',
  );
});

test('what a unit counts in is added up by component and currency', () => {
  const count = (component: string, weight: number, currency?: string) => ({
    component,
    weight,
    dimensions: currency === undefined ? {} : { currency },
  });
  const counts = [
    count('sales', 1_000, 'EUR'),
    count('sales', 500, 'EUR'),
    count('sales', 70, 'USD'),
    count('accounts', 1),
  ];
  expect(countsText({ unit: 'account', ids: {}, counts, reason: null })).toBe(
    'sales 1,500 EUR, sales 70 USD, accounts',
  );
});
