import { expect, test } from 'vitest';

import { FIRST_QUESTION, SPANS, questionOf, searchOf, trainingPath } from './training-question.ts';

test('the quarter so far is asked for without a word, anything else by name', () => {
  expect(trainingPath(FIRST_QUESTION)).toBe('/v1/compare/support_ticket_rate');
  expect(trainingPath({ span: '182d', isWithoutOutages: true })).toBe(
    '/v1/compare/support_ticket_rate?window=182d&incidents=exclude',
  );
});

test('an address brings back the question it was made of', () => {
  const questions = SPANS.flatMap((span) =>
    [true, false].map((isWithoutOutages) => ({ span, isWithoutOutages })),
  );
  expect(questions.map((one) => questionOf(searchOf(one)))).toEqual(questions);
});

test('an address that says something else is answered as if it said nothing', () => {
  expect(questionOf('?over=1d&outages=perhaps&window=91d')).toEqual(FIRST_QUESTION);
});
