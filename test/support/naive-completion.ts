import { type EventOf } from '@kpi/core';

import { lastOfEach, ofTypes } from './naive-events.ts';
import { type Moment, type Part } from './naive-parts.ts';

const RUN_TYPES = [
  'lms.course_enrolled',
  'lms.course_started',
  'lms.lesson_completed',
  'lms.assessment_submitted',
  'lms.course_completed',
  'lms.course_unenrolled',
] as const;

type RunEvent = EventOf<(typeof RUN_TYPES)[number]>;

/** KPI_SPEC 2.1, 7.4, 7.7.7: the cohort of runs that entered in [t - H - W, t - H), and the immature ones since. */
export function completionAt(moment: Moment): readonly Part[] {
  const events = ofTypes(moment.known, RUN_TYPES).filter(
    (event) => event.user_id !== null && event.course_id !== null,
  );
  const courses = Map.groupBy(events, (event) => JSON.stringify([event.user_id, event.course_id]));
  return [...courses.values()].flatMap((all) => {
    const mine = withoutReplaced(all);
    const versions = new Set(mine.map((event) => versionOf(event, mine)));
    return [...versions].flatMap((version) =>
      runParts(
        mine.filter((event) => versionOf(event, mine) === version),
        moment,
      ),
    );
  });
}

/** The same enrolment id again replaces what was said before. */
function withoutReplaced(events: readonly RunEvent[]): readonly RunEvent[] {
  const enrolments = lastOfEach(ofTypes(events, ['lms.course_enrolled']), (event) =>
    JSON.stringify([event.source, event.enrolment_id]),
  );
  const kept: readonly RunEvent[] = enrolments;
  return events.filter(
    (event) => event.event_type !== 'lms.course_enrolled' || kept.includes(event),
  );
}

/** The version stated, else the latest one enrolled at or before, else the first. */
function versionOf(event: RunEvent, events: readonly RunEvent[]): string {
  if (event.course_version !== null) return event.course_version;
  const before = ofTypes(events, ['lms.course_enrolled']).findLast(
    (one) => one.occurred_at <= event.occurred_at,
  );
  return before?.course_version ?? '1';
}

function runParts(run: readonly RunEvent[], moment: Moment): readonly Part[] {
  const { t, windowMs, definitions } = moment;
  const { horizonMs, graceMs } = definitions.completion;
  const enrolments = ofTypes(run, ['lms.course_enrolled']);
  const sign = run.find(
    ({ event_type: type }) => type !== 'lms.course_enrolled' && type !== 'lms.course_unenrolled',
  );
  const entry = (enrolments[0] ?? sign)?.occurred_at;
  const [first] = run;
  if (entry === undefined || first === undefined) return [];
  const completedAt = ofTypes(run, ['lms.course_completed'])[0]?.occurred_at ?? Infinity;
  const isWithdrawn = run.some(
    (event) =>
      event.event_type === 'lms.course_unenrolled' &&
      (event.reason.startsWith('refund') || event.occurred_at < entry + graceMs) &&
      !enrolments.some((enrolment) => run.indexOf(enrolment) > run.indexOf(event)),
  );
  const accountId = run.find((event) => event.account_id !== null)?.account_id ?? null;
  if (moment.isInternal(accountId)) return [];
  const account = moment.accounts.get(accountId ?? '');
  const dimensions = {
    course: first.course_id ?? '',
    plan: account?.plan(entry) ?? '(none)',
    is_customer: String(account?.isActive(entry) ?? false),
  };
  const one = (component: string, holds: boolean): readonly Part[] =>
    holds ? [{ component, dimensions, amount: 1 }] : [];
  const isInCohort = t - horizonMs - windowMs <= entry && entry < t - horizonMs;
  return [
    ...one('withdrawn', isInCohort && isWithdrawn),
    ...one('immature', !isWithdrawn && t - horizonMs <= entry),
    ...one('enrolled', isInCohort && !isWithdrawn),
    ...one('completed', isInCohort && !isWithdrawn && completedAt < entry + horizonMs),
    ...one('completed_to_date', isInCohort && !isWithdrawn && completedAt < t),
  ];
}
