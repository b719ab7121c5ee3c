import { type ComponentRow, DEFAULT_DEFINITIONS, type KpiQuery, OTHER_VALUES } from '@kpi/core';
import { expect, test } from 'vitest';

import { findAddress } from './address.ts';
import { createAnswers } from './answers.ts';
import { readBaselines, readSelection } from './parameters.ts';
import type { Question } from './question.ts';
import type { Stores } from './stores.ts';

const NOW = Date.UTC(2026, 2, 1, 12, 10);

/** Accounts with sales in a window, by plan. */
const SALES: Readonly<Record<string, bigint>> = { free: 5n, pro: 40n, team: 60n };

/** Sales are told live by plan; some plans together only by history, where 31 of them are other accounts than those. */
function storesOf(asked: KpiQuery[]): Stores {
  const rowsAt = (
    asOf: number,
    groups: Readonly<Record<string, bigint>>,
  ): readonly ComponentRow[] =>
    Object.entries(groups).map(([plan, accounts]) => ({
      asOf,
      group: [plan],
      components: { current: accounts, previous: accounts, accounts },
    }));
  return {
    live: {
      canAnswer: (query) => query.keep === undefined,
      read: ({ by, asOf: [at = 0] }) =>
        by.length === 0 ? [{ asOf: at, group: [], components: {} }] : rowsAt(at, SALES),
      sources: () => ({}),
      revision: () => 7,
    },
    history: {
      read: async (query) => {
        asked.push(query);
        return query.asOf.flatMap((at) => rowsAt(at, { team: 55n, [OTHER_VALUES]: 31n }));
      },
    },
  };
}

function question(parameters: Readonly<Record<string, string>>): Question {
  const address = findAddress('sales_growth_rate', DEFAULT_DEFINITIONS);
  return {
    tenantId: 'acme',
    address,
    selection: readSelection(address.kpi, parameters, ['compare']),
    definitions: DEFAULT_DEFINITIONS,
    isLiveDefinition: true,
    compare: readBaselines(parameters),
  };
}

test('the smallest groups together come from history where live numbers do not add up, and so does what they are compared with', async () => {
  const asked: KpiQuery[] = [];
  const answers = createAnswers(storesOf(asked), () => NOW);
  const answer = await answers.current(
    question({ by: 'plan', groups: '1', compare: 'previous,year' }),
  );
  expect(answer).toMatchObject({
    notes: ['the smallest values of plan, 2, are together in (other)'],
    total: { served_from: 'live' },
    values: [
      { segment: { plan: 'team' }, n: 60, served_from: 'live', revision: 7 },
      {
        segment: { plan: OTHER_VALUES },
        n: 31,
        served_from: 'history',
        revision: 0,
        comparisons: [{ base: { n: 31 } }, { base: { n: 31 } }],
      },
    ],
  });
  const keep = { plan: ['team'] };
  expect(asked.filter(({ by }) => by.length > 0).map((query) => query.keep)).toEqual([keep, keep]);
});

test('a history has the same groups at all its times', async () => {
  const asked: KpiQuery[] = [];
  const answers = createAnswers(storesOf(asked), () => NOW);
  const { points, notes } = await answers.history(question({ by: 'plan', groups: '1' }), [1, 2]);
  expect(points.map(({ segment }) => segment['plan'])).toEqual([
    'team',
    OTHER_VALUES,
    'team',
    OTHER_VALUES,
  ]);
  expect(notes).toHaveLength(1);
  expect(asked.map(({ keep }) => keep)).toEqual([undefined, { plan: ['team'] }]);
});
