import { type Kpi, defineKpi } from '../catalogue.ts';
import { days } from '../duration.ts';
import { entrantMeasures, reduceCurve } from '../entrant.ts';
import { survivalVariants } from '../survival.ts';

/** Time to proficiency: survival time, from history. */
export const timeToProficiency: Kpi = defineKpi({
  id: 'time_to_proficiency',
  version: 1,
  title: 'Time to proficiency',
  description:
    'Median time from the start of onboarding of a user to the moment all milestones are met (by default the first completed course), of the users who started in [t - W, t), by Kaplan and Meier. `by_7d` and the like are the shares that got there within a time, that time included. Served from history.',
  formula:
    'smallest time by which half of the users who started onboarding in [t - W, t) had met all milestones',
  rules: [
    'A milestone met before the start counts as met at the start; one that is lost later stays met.',
    'A user whose account churns before is followed until then.',
    'A half that is not reached has no value; beyond the longest follow-up a share has none.',
  ],
  unit: 'days',
  dimensions: ['plan'],
  windows: [],
  historyWindows: [days(28), days(91)],
  defaultWindowMs: days(91),
  lookBackMs: (windowMs) => windowMs,
  events: [
    'onboarding.started',
    'lms.course_completed',
    'billing.subscription_started',
    'billing.subscription_updated',
    'billing.subscription_ended',
  ],
  measures: entrantMeasures('learner'),
  components: ['entrants', 'reached'],
  reduce: reduceCurve,
  variants: survivalVariants(),
});
