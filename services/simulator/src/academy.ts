import { days } from '@kpi/core';

import { type Draft, draft } from './draft.ts';
import type { Random } from './random.ts';
import { RUN_OUTCOME } from './truth.ts';

/** A course of the academy. */
export interface Course {
  readonly id: string;
  readonly lessons: number;
  /** Probability that a run is completed within 28 days of its enrolment. */
  readonly completedInTime: number;
  /** Taught by a partner, whose completions arrive weeks later. */
  readonly isPartner: boolean;
}

export const COURSES: readonly Course[] = [
  { id: 'first-steps', lessons: 6, completedInTime: 0.75, isPartner: false },
  { id: 'reporting', lessons: 8, completedInTime: 0.65, isPartner: false },
  { id: 'integrations', lessons: 9, completedInTime: 0.6, isPartner: true },
  { id: 'automation', lessons: 8, completedInTime: 0.65, isPartner: true },
  { id: 'administration', lessons: 7, completedInTime: 0.7, isPartner: false },
  { id: 'data-governance', lessons: 10, completedInTime: 0.6, isPartner: true },
];

/** A person in the academy. Before `memberFrom` the account is not yet known to the academy. */
export interface Learner {
  readonly userId: string;
  readonly accountId?: string;
  readonly memberFrom: number;
}

/** What became of one enrolment. Absent instants never came. */
export interface CourseRun {
  readonly course: Course;
  readonly learner: Learner;
  readonly enrolledAt: number;
  readonly completedAt?: number;
  /** When the academy hears of the completion. */
  readonly reportedAt?: number;
  readonly left?: { readonly at: number; readonly reason: string };
  /** Share of lessons done by those who do not complete. */
  readonly effort: number;
}

type Ending = 'inTime' | 'late' | 'withdrawnInGrace' | 'withdrawnLater' | 'unfinished';

/** Draw the outcome of a run that begins at `enrolledAt`. */
export function drawRun(
  random: Random,
  start: Pick<CourseRun, 'course' | 'learner' | 'enrolledAt'>,
): CourseRun {
  const { course, enrolledAt } = start;
  const run = { ...start, effort: random.unit() * 0.9 };
  const ending = drawEnding(random, course);
  switch (ending) {
    case 'inTime':
      return completed(random, run, enrolledAt + days(1 + 26.5 * random.unit() ** 1.4));
    case 'late':
      return completed(random, run, enrolledAt + random.between(days(29), days(80)));
    case 'withdrawnInGrace':
      return {
        ...run,
        left: { at: enrolledAt + random.between(0.1, 2.9) * days(1), reason: 'wrong_course' },
      };
    case 'withdrawnLater':
      return {
        ...run,
        left: { at: enrolledAt + random.between(days(4), days(40)), reason: 'no_time' },
      };
    case 'unfinished':
      return run;
    default:
      return ending satisfies never;
  }
}

function drawEnding(random: Random, course: Course): Ending {
  const { late, withdrawnInGrace, withdrawnLater } = RUN_OUTCOME;
  const rest = 1 - course.completedInTime - late - withdrawnInGrace - withdrawnLater;
  return random.pick(
    ['inTime', 'late', 'withdrawnInGrace', 'withdrawnLater', 'unfinished'] as const,
    [course.completedInTime, late, withdrawnInGrace, withdrawnLater, rest],
  );
}

function completed(random: Random, run: CourseRun, at: number): CourseRun {
  const lagMs = run.course.isPartner ? random.between(days(7), days(35)) : 0;
  return { ...run, completedAt: Math.floor(at), reportedAt: Math.floor(at + lagMs), effort: 1 };
}

/** The events of a run in no particular order. */
export function runDrafts(run: CourseRun): readonly Draft[] {
  const { course, enrolledAt } = run;
  const until = run.completedAt ?? enrolledAt + days(35);
  const done = Math.floor(run.effort * course.lessons);
  const stepMs = (until - enrolledAt) / (course.lessons + 1);
  const drafts = [
    note(run, 'lms.course_enrolled', enrolledAt, { enrolment_id: `${runId(run)}-enrolment` }),
  ];
  if (run.left === undefined && done > 0) {
    drafts.push(note(run, 'lms.course_started', enrolledAt + stepMs / 2, { progress: 0 }));
  }
  for (let lesson = 1; run.left === undefined && lesson <= done; lesson += 1) {
    drafts.push(
      note(run, 'lms.lesson_completed', enrolledAt + lesson * stepMs, {
        lesson_id: `${course.id}-${lesson}`,
        progress: lesson / course.lessons,
      }),
    );
  }
  if (run.left !== undefined) {
    drafts.push(note(run, 'lms.course_unenrolled', run.left.at, { reason: run.left.reason }));
  }
  return run.completedAt === undefined
    ? drafts
    : [...drafts, ...completionDrafts(run, run.completedAt)];
}

function completionDrafts(run: CourseRun, at: number): readonly Draft[] {
  const sendAt = run.reportedAt ?? at;
  const completion = note(run, 'lms.course_completed', at, { success: true, manual: false });
  const certificate = note(run, 'lms.certificate_awarded', at, {
    certificate_id: `${runId(run)}-certificate`,
  });
  return [
    { ...completion, sendAt },
    { ...certificate, sendAt },
  ];
}

function runId(run: CourseRun): string {
  return `${run.learner.userId}-${run.course.id}`;
}

function note(
  run: CourseRun,
  type: Draft['type'],
  at: number,
  properties: Draft['properties'],
): Draft {
  const { learner, course } = run;
  const lesson = properties['lesson_id'] ?? course.id;
  return draft({
    id: `${type}:${learner.userId}:${lesson}`,
    type,
    source: 'academy',
    at,
    userId: learner.userId,
    ...(learner.accountId !== undefined && at >= learner.memberFrom
      ? { accountId: learner.accountId }
      : {}),
    properties: { course_id: course.id, course_version: '1', ...properties },
  });
}
