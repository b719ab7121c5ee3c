import { type Kpi, defineKpi } from '../catalogue.ts';
import { days } from '../duration.ts';
import { type Components, type Dimensions } from '../kpi.ts';
import { type Measure, whileKnown } from '../measure.ts';
import { type Span, intersect, inWindow } from '../span.ts';
import { type CourseRun } from '../units.ts';

type Counted = (run: CourseRun, cohort: Span, horizonMs: number) => Span | undefined;

/** Counts a run while it is in the cohort window and the condition gives a span. */
function ofRun(counted: Counted): Measure {
  return {
    unit: 'course_run',
    kind: 'count',
    intervals: (run, { windowMs, definitions }) => {
      const { horizonMs } = definitions.completion;
      const span = counted(run, inWindow(run.enrolledAt, windowMs, horizonMs), horizonMs);
      return span === undefined ? [] : whileKnown(run, span, { dimensions: dimensionsOf(run) });
    },
  };
}

function dimensionsOf(run: CourseRun): Dimensions {
  return { course: run.course, plan: run.plan, is_customer: String(run.isCustomer) };
}

const enrolled = (components: Components): bigint => components['enrolled'] ?? 0n;

/** Share of course runs completed within the horizon of enrolment, among runs old enough to have had all of it. */
export const courseCompletionRate: Kpi = defineKpi({
  id: 'course_completion_rate',
  version: 1,
  title: 'Course completion rate',
  description:
    'Of the course runs (user, course, version) first enrolled in the cohort window [t - H - W, t - H), the share completed within H of enrolment (H = 28 days). Runs withdrawn within the grace period are left out; younger runs are immature.',
  formula: 'runs completed before enrolment + H / runs first enrolled in [t - H - W, t - H)',
  rules: [
    'A second enrolment of a user in a course is the same run; its first date stays. Another version of the course is another run.',
    'Activity or a completion without an enrolment stands for one, at its own time.',
    'Withdrawn within the grace period (3 days), or at any time for a refund: left out, unless enrolled again.',
    'Runs enrolled in [t - H, t) are immature: counted apart, in no value.',
  ],
  unit: 'ratio',
  dimensions: ['course', 'plan', 'is_customer'],
  windows: [days(7), days(28)],
  defaultWindowMs: days(28),
  horizon: {
    of: ({ completion }) => completion.horizonMs,
    with: (definitions, horizonMs) => ({
      ...definitions,
      completion: { ...definitions.completion, horizonMs },
    }),
  },
  lookBackMs: (windowMs, definitions) => windowMs + definitions.completion.horizonMs,
  events: ['lms.course_enrolled', 'lms.course_completed', 'lms.course_unenrolled'],
  measures: {
    enrolled: ofRun((run, cohort) => (run.isWithdrawn ? undefined : cohort)),
    completed: ofRun((run, cohort, horizonMs) =>
      !run.isWithdrawn && run.completedAt < run.enrolledAt + horizonMs ? cohort : undefined,
    ),
    completed_to_date: ofRun((run, cohort) =>
      run.isWithdrawn ? undefined : intersect(cohort, { from: run.completedAt + 1, to: Infinity }),
    ),
    immature: ofRun((run, _cohort, horizonMs) =>
      run.isWithdrawn ? undefined : inWindow(run.enrolledAt, horizonMs),
    ),
    withdrawn: ofRun((run, cohort) => (run.isWithdrawn ? cohort : undefined)),
  },
  variants: [
    {
      name: '',
      title: 'Completed within the horizon',
      numerator: (components) => components['completed'] ?? 0n,
      denominator: enrolled,
      n: enrolled,
      interval: 'wilson',
    },
    {
      name: 'to_date',
      title: 'Completed to date',
      numerator: (components) => components['completed_to_date'] ?? 0n,
      denominator: enrolled,
      n: enrolled,
      interval: 'wilson',
    },
  ],
  immature: 'immature',
  excluded: ['withdrawn'],
});
