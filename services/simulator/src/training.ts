import { days } from '@kpi/core';

import { COURSES, type Course, type CourseRun, type Learner, drawRun } from './academy.ts';
import type { Account, Member } from './account.ts';
import type { Random } from './random.ts';
import { isInUse } from './subscription.ts';
import { ACADEMY_SHARE } from './truth.ts';

/** The share of the courses that a member of a training account takes. */
const COURSE_SHARE = 0.7;
const OPENING_MEAN_MS = days(90);
const ENROLMENT_MEAN_MS = days(40);

type Basis = Pick<Account, 'id' | 'firstContactAt' | 'createdAt' | 'plan' | 'members' | 'life'>;

/** Accounts that train do so as a whole: from some moment on, their members enrol one after the other. */
export function drawTraining(random: Random, account: Basis): readonly CourseRun[] {
  const prospect = prospectRun(random, account);
  const runs = prospect === undefined ? [] : [prospect];
  if (!random.chance(ACADEMY_SHARE[account.plan])) return runs;
  const opensAt = account.createdAt + random.exponential(OPENING_MEAN_MS);
  for (const member of account.members) {
    for (const course of COURSES) {
      const from = Math.max(opensAt, member.joinedAt);
      const enrolledAt = Math.floor(from + random.exponential(ENROLMENT_MEAN_MS));
      const isTaken = random.chance(COURSE_SHARE) && isStudying(account, member, enrolledAt);
      if (!isTaken || isTheRun(prospect, member, course)) continue;
      runs.push(drawRun(random, { course, learner: learnerOf(account, member), enrolledAt }));
    }
  }
  return runs;
}

/** The first instant at which a member has a completed course, also one from before joining; Infinity when none ever has. */
export function firstTraining(runs: readonly CourseRun[], members: readonly Member[]): number {
  const instants = runs.map(({ learner, completedAt = Infinity }) => {
    const member = members.find(({ id }) => id === learner.userId);
    return member === undefined || completedAt >= member.leftAt
      ? Infinity
      : Math.max(completedAt, member.joinedAt);
  });
  return Math.min(Infinity, ...instants);
}

/** A first user who came through the academy took a course before there was an account. */
function prospectRun(random: Random, account: Basis): CourseRun | undefined {
  const [course] = COURSES;
  const [member] = account.members;
  if (course === undefined || member === undefined) return undefined;
  if (account.firstContactAt >= account.createdAt) return undefined;
  const enrolledAt = account.firstContactAt;
  return drawRun(random, { course, learner: learnerOf(account, member), enrolledAt });
}

function isTheRun(run: CourseRun | undefined, member: Member, course: Course): boolean {
  return run?.learner.userId === member.id && run.course.id === course.id;
}

function learnerOf(account: Basis, member: Member): Learner {
  return { userId: member.id, accountId: account.id, memberFrom: member.joinedAt };
}

function isStudying(account: Basis, member: Member, at: number): boolean {
  return at < member.leftAt && isInUse(account.life, at);
}
