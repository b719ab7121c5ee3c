import { type Kpi, defineKpi } from '../catalogue.ts';
import { days } from '../duration.ts';
import { entrantMeasures, reduceCurve } from '../entrant.ts';
import { survivalVariants } from '../survival.ts';

/** Time to first value: survival time, from history. */
export const timeToFirstValue: Kpi = defineKpi({
  id: 'time_to_first_value',
  version: 1,
  title: 'Time to first value',
  description:
    'Median time from the creation of an account to its first value event, of the accounts created in [t - W, t), by Kaplan and Meier: those still waiting count for as long as they were followed. `by_7d` and the like are the shares that got there within a time, that time included. Served from history.',
  formula: 'smallest time by which half of the accounts created in [t - W, t) had a value event',
  rules: [
    'An account that churns before is followed until then, as if it might have got there had it stayed.',
    'A value event before the creation is a time of 0; only the first one counts.',
    'A half that is not reached has no value; beyond the longest follow-up a share has none.',
    'The mean of those who got there is not offered: it leaves out the slow and the never.',
  ],
  unit: 'days',
  dimensions: ['plan'],
  windows: [],
  historyWindows: [days(28), days(91)],
  defaultWindowMs: days(91),
  lookBackMs: (windowMs) => windowMs,
  events: [
    'account.created',
    'product.action_performed',
    'billing.subscription_started',
    'billing.subscription_updated',
    'billing.subscription_ended',
  ],
  measures: entrantMeasures('waiting_account'),
  components: ['entrants', 'reached'],
  reduce: reduceCurve,
  variants: survivalVariants(),
});
