import { expect, test } from 'vitest';

import { DEFAULT_DEFINITIONS } from './definitions.ts';
import { DeltaSheet } from './delta-sheet.ts';
import { PART } from './entity.ts';
import { Home, type PlacedFact, RETRACTIONS } from './home.ts';
import { CountedHome } from './home-change.ts';
import { homeKey, parseHomeKey } from './home-key.ts';
import { TENANT, fact } from './test-company.ts';

const RUN = 'run of a course';

function placed(entity: string, ...[id, at, body]: Parameters<typeof fact>): PlacedFact {
  return { entity, fact: fact(id, at, body) };
}

function taking(target: string, at: number): PlacedFact {
  return placed(RETRACTIONS, 'r', at, { kind: 'retraction', target: `test${PART}${target}` });
}

/** Whether the last of what a home is told, one after the other, needs history. */
function releases(...told: readonly PlacedFact[]): boolean {
  const owner = { ...parseHomeKey(homeKey(TENANT, 'a1')), definitions: DEFAULT_DEFINITIONS };
  const home = new CountedHome(new Home(), owner);
  return told.map((one) => home.apply([one], new DeltaSheet()).releasesHistory).at(-1) ?? false;
}

const ended = placed('onboarding', 'ended', 1, { kind: 'onboarded' });

test('a retraction that gets another target releases what the home does not hold', () => {
  expect(releases(taking('lesson', 1), taking('other', 2))).toBe(true);
});

test('a retraction that becomes something else releases it too', () => {
  const started = placed(RUN, 'r', 2, { kind: 'activity' });
  expect(releases(taking('lesson', 1), started)).toBe(true);
});

test('nothing is released by the same target, by an older version, or when the home holds the target', () => {
  expect(releases(taking('lesson', 1), taking('lesson', 2))).toBe(false);
  expect(releases(taking('lesson', 2), taking('other', 1))).toBe(false);
  expect(releases(ended, taking('ended', 1), taking('other', 2))).toBe(false);
});
