import { pieceAt } from '../account.ts';
import { type Kpi, defineKpi } from '../catalogue.ts';
import { days } from '../duration.ts';
import { type Components } from '../kpi.ts';
import { type Measure, counting } from '../measure.ts';
import { type Starter } from '../product-use.ts';
import { type Span, inWindow } from '../span.ts';

/** What an account may count in: the cohort window, or the time before it has had the whole horizon. */
interface Stages {
  readonly cohort: Span;
  readonly immature: Span;
  readonly horizonMs: number;
}

/** Counts an account, with its plan at creation, while the condition gives a span. */
function ofStarter(spanOf: (starter: Starter, stages: Stages) => Span | undefined): Measure {
  return {
    unit: 'starter',
    kind: 'count',
    intervals: (starter, { windowMs, definitions }) => {
      const { horizonMs } = definitions.activation;
      const { createdAt, state } = starter;
      if (createdAt === Infinity) return [];
      const cohort = inWindow(createdAt, windowMs, horizonMs);
      const immature = inWindow(createdAt, horizonMs);
      const span = spanOf(starter, { cohort, immature, horizonMs });
      return span === undefined ? [] : counting(span, { plan: pieceAt(state, createdAt).plan });
    },
  };
}

const entered = (components: Components): bigint => components['entered'] ?? 0n;

/** Share of new accounts that did the key actions in time. */
export const activationRate: Kpi = defineKpi({
  id: 'activation_rate',
  version: 1,
  title: 'Activation rate',
  description:
    'Of the accounts created in the cohort window [t - H - W, t - H), the share that did the key actions (all of them, any number, or for the first time in order) before H had passed since (H = 7 days). Whoever of the account does them, and also before its creation is recorded. Accounts that churn stay in; imported ones, whose history is not known, are left out; younger ones are immature.',
  formula:
    'accounts that did the key actions before creation + H / accounts created in [t - H - W, t - H)',
  rules: [
    'Any user of the account may do them; doing one again changes nothing.',
    'Who churned before H stays in.',
    'Imported accounts, whose history is not known, are left out.',
    'Accounts created in [t - H, t) are immature, also those that are activated already.',
  ],
  unit: 'ratio',
  dimensions: ['plan'],
  windows: [days(7), days(28)],
  defaultWindowMs: days(28),
  horizon: {
    of: ({ activation }) => activation.horizonMs,
    with: (definitions, horizonMs) => ({
      ...definitions,
      activation: { ...definitions.activation, horizonMs },
    }),
  },
  lookBackMs: (windowMs, definitions) => windowMs + definitions.activation.horizonMs,
  events: ['account.created', 'product.action_performed'],
  measures: {
    entered: ofStarter(({ isImported }, { cohort }) => (isImported ? undefined : cohort)),
    activated: ofStarter(({ isImported, activatedAt, createdAt }, { cohort, horizonMs }) =>
      !isImported && activatedAt < createdAt + horizonMs ? cohort : undefined,
    ),
    immature: ofStarter(({ isImported }, { immature }) => (isImported ? undefined : immature)),
    imported: ofStarter(({ isImported }, { cohort }) => (isImported ? cohort : undefined)),
  },
  variants: [
    {
      name: '',
      title: 'Did the key actions in time',
      numerator: (components) => components['activated'] ?? 0n,
      denominator: entered,
      n: entered,
      interval: 'wilson',
    },
  ],
  immature: 'immature',
  excluded: ['imported'],
});
