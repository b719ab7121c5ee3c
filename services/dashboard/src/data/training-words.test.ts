import { describe, expect, test } from 'vitest';

import type { GuardRail, Stratum } from './training-answer.ts';
import {
  changeIntervalText,
  changeText,
  groupStrata,
  preTrendText,
  probabilityText,
  ratioIntervalText,
  ratioText,
  summaryParts,
  trainedByText,
  verdictText,
} from './training-words.ts';

const CHANGING: GuardRail = {
  code: 'already_changing',
  text: 'trained customers were already changing before they were trained (p = 0.012)',
};
const DIFFER: GuardRail = {
  code: 'strata_differ',
  text: 'the ratio is not the same in all strata',
};
const LEAD = 'Tickets were 30 % lower (interval 18–41 %) in trained time; this is an association.';
const USUAL =
  'Comparing accounts that were ever trained with those that never were would have said 5 % higher.';

function told(summary: string, raised = [CHANGING, DIFFER]) {
  const { lead, notes, rest } = summaryParts({ summary, guard_rails: raised });
  return [lead, ...notes.map(({ said }) => said), rest].filter((part) => part !== '');
}

describe('the summary of the API in pieces', () => {
  test('is the summary when put together', () => {
    for (const parts of [
      [LEAD],
      [LEAD, USUAL],
      [LEAD, `Note: ${CHANGING.text}.`, `Note: ${DIFFER.text}.`],
      [LEAD, `Note: ${CHANGING.text}.`, `Note: ${DIFFER.text}.`, USUAL],
    ]) {
      expect(told(parts.join(' '))).toEqual(parts);
    }
  });

  test('leaves a reason in the lead that is the answer', () => {
    const lead = `No answer yet: ${CHANGING.text}. Counted so far: 3 tickets.`;
    expect(told(lead, [CHANGING])).toEqual([lead]);
  });

  test('loses nothing that the API says in another way', () => {
    expect(told('Something else. Note: unheard of.')).toEqual([
      'Something else. Note: unheard of.',
    ]);
  });
});

describe('a ratio', () => {
  test('has two digits, more when it is small, and none when there is none', () => {
    expect([0.7, 2.4, 0.0123, 0, null].map(ratioText)).toEqual([
      '0.70',
      '2.40',
      '0.012',
      '0.00',
      '\u2013',
    ]);
  });

  test('is a change to people', () => {
    expect([0.7, 1.8, 1, 0.999].map(changeText)).toEqual(['-30%', '+80%', '0%', '0%']);
    expect(changeIntervalText({ low: 0.6, high: null })).toBe('-40% to no limit');
  });

  test('has an interval that may have no upper end, or does not exist', () => {
    expect(ratioIntervalText({ low: 0.6, high: 0.82 })).toBe('0.60 to 0.82');
    expect(ratioIntervalText({ low: 0.6, high: null })).toBe('0.60 to no limit');
    expect(ratioIntervalText(null)).toBe('no interval');
  });

  test('says something only where its interval is on one side of 1', () => {
    expect(verdictText({ low: 0.6, high: 0.9 })).toBe('fewer tickets');
    expect(verdictText({ low: 1.1, high: null })).toBe('more tickets');
    expect(verdictText({ low: 0.6, high: 1.1 })).toBe('no clear difference');
    expect(verdictText({ low: 0.6, high: null })).toBe('no clear difference');
  });
});

describe('the time before training', () => {
  const points = [{ period: -1, effect: 0, low: -1, high: 1, accounts: 40 }];
  const studied = (pValue: number) => ({
    points,
    pre_trend: { statistic: 1, degrees_of_freedom: 1, p_value: pValue },
  });

  test('speaks for or against the comparison', () => {
    expect(preTrendText(studied(0.41))).toContain('p\u00A0=\u00A00.41');
    expect(preTrendText(studied(0.41))).toContain('no more than');
    expect(preTrendText(studied(0.0004))).toContain('already changing (p\u00A0below\u00A00.001)');
  });

  test('may be too little, or none', () => {
    expect(preTrendText({ points, pre_trend: null })).toContain('Too few');
    expect(preTrendText({ points: [], pre_trend: null })).toContain('No period');
  });
});

test('a probability near the limit has three digits', () => {
  expect([0.0004, 0.0496, 0.41].map(probabilityText)).toEqual([
    'p\u00A0below\u00A00.001',
    'p\u00A0=\u00A00.050',
    'p\u00A0=\u00A00.41',
  ]);
});

test('strata stand by plan, their tenures side by side', () => {
  const of = (stratum: string): Stratum => ({
    stratum,
    trained: { tickets: 1, account_days: 1 },
    untrained: { tickets: 1, account_days: 1 },
    ratio: 1,
    ci: null,
    is_used: true,
  });
  const names = (strata: readonly string[], by: readonly string[]) =>
    groupStrata(strata.map(of), by).map((group) => [
      group.heading,
      group.strata.map(({ name }) => name),
    ]);
  expect(names(['0-28 · pro', '0-28 · team', '364+ · pro'], ['tenure', 'plan'])).toEqual([
    ['Plan pro', ['Day 0–28', 'Day 364 on']],
    ['Plan team', ['Day 0–28']],
  ]);
  expect(names(['0-28 · (none) · 2026-01'], ['tenure', 'plan', 'month'])).toEqual([
    ['No plan · 2026-01', ['Day 0–28']],
  ]);
  expect(names([''], [])).toEqual([['', ['All time']]]);
});

test('who counts as trained is said in words', () => {
  expect(trainedByText('users:1')).toContain('one of its people');
  expect(trainedByText('users:3')).toContain('3 of its people');
  expect(trainedByText('seats:0.5')).toContain('50% of its seats');
});
