import { days, hours } from '@kpi/core';

import { COURSES, drawRun, runDrafts } from './academy.ts';
import { type Draft, draft, withRepetition } from './draft.ts';
import type { DraftBatch } from './ordering.ts';
import { type Random, createRandom } from './random.ts';

const PROSPECTS_PER_DAY = 2;
const COURSES_MAX = 3;

/** People who take courses of the open academy and belong to no account. Endless. */
export function* prospectBatches(seed: string, companyFrom: number): Generator<DraftBatch> {
  const random = createRandom(seed, 'prospects');
  let at = companyFrom;
  for (let number = 1; ; number += 1) {
    at += random.exponential(days(1) / PROSPECTS_PER_DAY);
    yield { from: at, drafts: prospectDrafts(seed, number, at).flatMap(withRepetition) };
  }
}

function prospectDrafts(seed: string, number: number, from: number): readonly Draft[] {
  const userId = `prospect-${number}`;
  const random = createRandom(seed, userId);
  const arrived = draft({
    id: `${userId}:identified`,
    type: 'user.identified',
    source: 'academy',
    at: Math.ceil(from),
    userId,
    properties: {},
  });
  return [arrived, ...runs(random, userId, arrived.at)];
}

function runs(random: Random, userId: string, from: number): readonly Draft[] {
  const count = random.integer(1, COURSES_MAX);
  const first = random.integer(0, COURSES.length - 1);
  return Array.from({ length: count }, (_, index) => {
    const course = random.pick(
      COURSES.filter((_course, at) => (at + first) % COURSES_MAX === index),
    );
    const enrolledAt = Math.floor(from + hours(0.1) + index * random.between(0, days(20)));
    return drawRun(random, { course, learner: { userId, memberFrom: Infinity }, enrolledAt });
  }).flatMap(runDrafts);
}
