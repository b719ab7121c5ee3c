import { ANY_USER, days } from '@kpi/core';
import { expect, test } from 'vitest';

import { churnAfterLandmark, churnDifference } from './landmark.ts';
import { START_MS, account } from './test-scenario.ts';

const AT = START_MS + days(28);
const UNTIL = AT + days(28);
const trained = (at: number) => ({ completions: [{ at, user: 1, course: 'basics' }] });
const ending = (to: number) => ({ active: [{ from: START_MS, to }] });

test('accounts are sorted by what they were at the landmark, and outcomes come after it', () => {
  const found = churnAfterLandmark(
    [
      account('stays'),
      account('trained then', trained(AT)),
      account('trained later', trained(AT + 1)),
      account('gone by then', ending(AT)),
      account('goes', ending(AT + 1)),
      account('goes at the end', ending(UNTIL)),
      account('trained, goes', { ...trained(AT), ...ending(UNTIL - 1) }),
      account('comes later', { active: [{ from: AT + 1, to: UNTIL }] }),
    ],
    { at: AT, until: UNTIL, rule: ANY_USER },
  );
  expect(found).toEqual({
    trained: { accounts: 2, churned: 1 },
    untrained: { accounts: 4, churned: 1 },
  });
  expect(churnDifference(found)?.difference).toBe(25);
});

test('without accounts in a group there is no difference', () => {
  const found = churnAfterLandmark([account('a')], { at: AT, until: UNTIL, rule: ANY_USER });
  expect(churnDifference(found)).toBeUndefined();
});
