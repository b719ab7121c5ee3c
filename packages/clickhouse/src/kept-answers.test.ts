import { type ComponentRow, DEFAULT_DEFINITIONS, type KpiQuery, days } from '@kpi/core';
import { expect, test } from 'vitest';

import { KeptAnswers } from './kept-answers.ts';

function question(asOf: number): KpiQuery {
  return {
    tenantId: 'default',
    kpiId: 'csat_score',
    windowMs: days(28),
    asOf: [asOf],
    by: [],
    filter: {},
    definitions: DEFAULT_DEFINITIONS,
  };
}

function rowsAt(asOf: number, count = 1): readonly ComponentRow[] {
  return Array.from({ length: count }, () => ({ asOf, group: [], components: { n: 1n } }));
}

/** Answers to questions, and which of them had to be asked. */
function create(rowsOfAnswer = 1) {
  const answers = new KeptAnswers();
  const asked: string[] = [];
  const ask = (generation: string, asOf: number): Promise<readonly ComponentRow[]> =>
    answers.of(generation, question(asOf), () => {
      asked.push(`${generation}${asOf}`);
      return Promise.resolve(rowsAt(asOf, rowsOfAnswer));
    });
  return { ask, asked };
}

test('a question is asked once per generation', async () => {
  const { ask, asked } = create();
  for (const [generation, asOf] of [
    ['a', 1],
    ['a', 2],
    ['a', 1],
    ['b', 1],
    ['b', 1],
  ] as const)
    expect(await ask(generation, asOf)).toEqual(rowsAt(asOf));
  expect(asked).toEqual(['a1', 'a2', 'b1']);
});

test('an answer that took longer than its generation is not kept for the next', async () => {
  const answers = new KeptAnswers();
  const gate = Promise.withResolvers<readonly ComponentRow[]>();
  const slow = answers.of('a', question(1), () => gate.promise);
  await answers.of('b', question(1), () => Promise.resolve(rowsAt(2)));
  gate.resolve(rowsAt(1));
  expect(await slow).toEqual(rowsAt(1));
  expect(await answers.of('b', question(1), () => Promise.resolve(rowsAt(2)))).toEqual(rowsAt(2));
});

test('the oldest answers make room', async () => {
  const { ask, asked } = create(20_000);
  await ask('a', 1);
  await ask('a', 2);
  await ask('a', 3);
  await ask('a', 3);
  await ask('a', 1);
  expect(asked).toEqual(['a1', 'a2', 'a3', 'a1']);
});
