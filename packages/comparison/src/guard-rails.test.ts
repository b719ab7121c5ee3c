import { expect, test } from 'vitest';

import { type Findings, GUARD_RAILS, guardRailsOf, mayHeadline, statusOf } from './guard-rails.ts';

/** A comparison with nothing amiss. */
const FINE: Findings = {
  trained: { events: 400, time: 4_000 },
  untrained: { events: 500, time: 4_000 },
  accounts: { trained: 200, untrained: 200 },
  accountsWithTickets: 150,
  overlap: 0.9,
  preTrendP: 0.4,
  homogeneityP: 0.4,
  unresolvedShare: 0.01,
  dispersion: 3,
  isClustered: true,
  areLooksRepeated: true,
};

test('nothing amiss raises nothing', () => {
  expect(guardRailsOf(FINE)).toEqual([]);
  expect(statusOf([])).toBe('ok');
  expect(mayHeadline([])).toBe(true);
});

/** Each guard rail with what raises it alone, the status, and whether the ratio may still stand as the answer. */
const CASES = [
  [
    'no_data',
    { trained: { events: 0, time: 0 }, accounts: { trained: 0, untrained: 200 } },
    'no_data',
    false,
  ],
  ['hardly_comparable', { overlap: 0.49 }, 'suspect', true],
  ['already_changing', { preTrendP: 0.049 }, 'suspect', true],
  ['unresolved_accounts', { unresolvedShare: 0.051 }, 'suspect', true],
  ['strata_differ', { homogeneityP: 0.099 }, 'ok', true],
  ['too_few', { accounts: { trained: 9, untrained: 200 } }, 'low_n', false],
  ['few_accounts', { accountsWithTickets: 39 }, 'ok', true],
  ['few_tickets', { trained: { events: 4, time: 4_000 } }, 'low_n', true],
  ['nothing_in_a_group', { trained: { events: 0, time: 4_000 } }, 'low_n', true],
  ['overdispersed', { isClustered: false, dispersion: 1.51 }, 'ok', true],
  [
    'first_look_too_early',
    { untrained: { events: 12, time: 1 }, trained: { events: 12, time: 1 } },
    'low_n',
    false,
  ],
] as const satisfies readonly (readonly [
  string,
  Partial<Findings>,
  ReturnType<typeof statusOf>,
  boolean,
])[];

test.each(CASES)('%s is raised by its input', (code, amiss, status, isHeadline) => {
  const raised = guardRailsOf({ ...FINE, ...amiss });
  expect(raised.map((one) => one.code)).toContain(code);
  expect(statusOf(raised)).toBe(status);
  expect(mayHeadline(raised)).toBe(isHeadline);
});

test('each guard rail has a case, and its limit does not raise it', () => {
  expect(CASES.map(([code]) => code)).toEqual([...GUARD_RAILS]);
  const limits: Partial<Findings> = {
    overlap: 0.5,
    preTrendP: 0.05,
    homogeneityP: 0.1,
    unresolvedShare: 0.05,
    accounts: { trained: 20, untrained: 20 },
    accountsWithTickets: 40,
    trained: { events: 5, time: 1 },
    untrained: { events: 25, time: 1 },
    dispersion: 1.5,
    isClustered: false,
  };
  expect(guardRailsOf({ ...FINE, ...limits })).toEqual([]);
});

test('what is worst comes first', () => {
  const raised = guardRailsOf({ ...FINE, homogeneityP: 0.01, overlap: 0.1 });
  expect(raised.map(({ code }) => code)).toEqual(['hardly_comparable', 'strata_differ']);
});
