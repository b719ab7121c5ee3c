import {
  DEFAULT_DEFINITIONS,
  type Definitions,
  type ScaleLength,
  days,
  formatDuration,
} from '@kpi/core';
import { z } from 'zod';

import { count, duration, durationOrNone, fixed, names, notYet, section } from './fields.ts';
import { documentOfOwn, ownKpis } from './own-kpis.ts';

const UNITS_MAX = 1_000_000;
/** Ten years. */
const AGE_MONTHS_MAX = 120;
const TENURE_EDGES_MAX = 20;
/** The window of adoption_rate is 28 days. */
const BLOCKS_MAX = 4;
const DAYS_OF_BLOCK = 7;

const CURRENCIES = new Set(Intl.supportedValuesOf('currency'));
const D = DEFAULT_DEFINITIONS;

const currency = z
  .string('expected an ISO 4217 code such as EUR')
  .refine((code) => CURRENCIES.has(code), 'is not an ISO 4217 code such as EUR');

const tenureEdges = z
  .array(duration, 'expected a list of durations')
  .max(TENURE_EDGES_MAX, `has more than ${TENURE_EDGES_MAX} edges`)
  .superRefine((edges, context) => {
    for (const [index, edge] of edges.entries())
      if (index > 0 && edge <= (edges[index - 1] ?? 0))
        context.addIssue({ code: 'custom', message: 'is not after the one before', path: [index] });
  });

const activation = section({
  horizon: duration.default(D.activation.horizonMs),
  key_actions: names.min(1, 'names at least one action').default([...D.activation.keyActions]),
  mode: z
    .union([z.literal(['all', 'ordered']), z.int().min(1)], {
      error: 'expected all, ordered, or how many of the key actions are enough',
    })
    .default(D.activation.rule),
}).superRefine(({ key_actions: actions, mode }, context) => {
  if (typeof mode === 'number' && mode > actions.length)
    context.addIssue({
      code: 'custom',
      message: `there are ${actions.length} key actions`,
      path: ['mode'],
    });
});

const { satisfiedBoxes } = D.surveys;
/** How many boxes of a scale are satisfied ones: one at least, and never all. */
const boxesOf = (length: ScaleLength) => count(1, length - 1).default(satisfiedBoxes[length]);

const surveys = section({
  satisfied_boxes: section({
    2: boxesOf(2),
    3: boxesOf(3),
    5: boxesOf(5),
    7: boxesOf(7),
    10: boxesOf(10),
    11: boxesOf(11),
  }),
  latest_per_respondent: names.default([...D.surveys.latestPerRespondent]),
});

/** As the parameters of a comparison. */
const COMPARED_MS_MAX = days(366);

function ofComparison<Length extends z.ZodType<number>>(length: Length) {
  return length.refine(
    (ms) => ms <= COMPARED_MS_MAX,
    `is at most ${formatDuration(COMPARED_MS_MAX)}`,
  );
}

/** Actions of the product say themselves whether they are of value. */
const VALUE_FLAG = 'is_value_event';

const silenceLimits = z.preprocess(
  (given) => given ?? {},
  z.record(z.string(), duration, 'expected a duration by name of source, such as stripe: 2d'),
);

/** A file of definitions as names and values: durations in ms, every key that is absent at its default. */
export const DOCUMENT = section({
  reporting_currency: currency.default(D.reportingCurrency),
  completion: section({
    horizon: duration.default(D.completion.horizonMs),
    grace: durationOrNone.default(D.completion.graceMs),
  }),
  activation,
  inactivity_limit: duration.default(D.inactivityLimitMs),
  regular_use: section({
    days: count(1, DAYS_OF_BLOCK).default(D.regularUse.days),
    blocks: count(1, BLOCKS_MAX).default(D.regularUse.blocks),
  }),
  expansion: section({ grace: durationOrNone.default(D.expansion.graceMs) }),
  churn: section({
    pause_limit: durationOrNone.default(D.churn.pauseLimitMs),
    recognition: z
      .literal(['period_end', 'cancellation'], 'expected period_end or cancellation')
      .default(D.churn.recognition),
  }),
  surveys,
  referral: section({ horizon: duration.default(D.referral.horizonMs) }),
  tenure_edges: tenureEdges.default([...D.tenureEdgesMs]),
  training: section({
    courses: names.default([...D.trainingCourses]),
    rule: fixed('any_user', 'one member with a completion trains the account'),
  }),
  proficiency: section({ milestones: names.default([...D.proficiencyCourses]) }),
  clv: section({ age_months: count(1, AGE_MONTHS_MAX).default(D.observedAgeMonths) }),
  cac: section({
    lag: durationOrNone.default(D.acquisition.lagMs),
    refund_grace: durationOrNone.default(D.acquisition.refundGraceMs),
  }),
  low_n: count(0, UNITS_MAX).default(D.lowN),
  suppress_n: count(0, UNITS_MAX).default(D.suppressN),
  silence_limits: silenceLimits.default({ ...D.silenceLimitMs }),
  kpis: z.preprocess((given) => given ?? [], ownKpis).default([]),
  time_zone: fixed('UTC', 'days, months and hours are those of UTC'),
  refund_attribution: z
    .literal(['refund', 'original'], 'expected refund or original')
    .default(D.refundAttribution),
  value_event: z
    .union([z.literal(VALUE_FLAG), names.min(1, 'names at least one action')], {
      error: `expected ${VALUE_FLAG}, or a list of actions`,
    })
    .default(VALUE_FLAG),
  activity: fixed('value_events', 'dormancy and regular use are about value events'),
  origin: fixed('account_created', 'activation and first value are counted from there'),
  past_due: notYet('an account whose payment failed is active until its subscription ends'),
  prepost: ofComparison(duration).default(D.comparison.prepostMs),
  washout: ofComparison(durationOrNone).default(D.comparison.washoutMs),
});

export type DefinitionsDocument = z.output<typeof DOCUMENT>;

export function definitionsOf(document: DefinitionsDocument): Definitions {
  const { activation: rule, cac, completion } = document;
  return {
    changes: 0,
    reportingCurrency: document.reporting_currency,
    completion: { horizonMs: completion.horizon, graceMs: completion.grace },
    acquisition: { lagMs: cac.lag, refundGraceMs: cac.refund_grace },
    activation: { horizonMs: rule.horizon, keyActions: rule.key_actions, rule: rule.mode },
    observedAgeMonths: document.clv.age_months,
    proficiencyCourses: document.proficiency.milestones,
    valueActions: document.value_event === VALUE_FLAG ? [] : document.value_event,
    inactivityLimitMs: document.inactivity_limit,
    regularUse: document.regular_use,
    expansion: { graceMs: document.expansion.grace },
    churn: {
      pauseLimitMs: document.churn.pause_limit,
      recognition: document.churn.recognition,
    },
    refundAttribution: document.refund_attribution,
    surveys: {
      satisfiedBoxes: document.surveys.satisfied_boxes,
      latestPerRespondent: document.surveys.latest_per_respondent,
    },
    referral: { horizonMs: document.referral.horizon },
    comparison: { prepostMs: document.prepost, washoutMs: document.washout },
    tenureEdgesMs: document.tenure_edges,
    trainingCourses: document.training.courses,
    lowN: document.low_n,
    suppressN: document.suppress_n,
    silenceLimitMs: document.silence_limits,
    ownKpis: document.kpis,
  };
}

/** The document that says all of them, as it is written in a file. */
export function documentOf(definitions: Definitions): Readonly<Record<string, unknown>> {
  const { completion, acquisition, activation: rule, expansion, churn } = definitions;
  return {
    reporting_currency: definitions.reportingCurrency,
    completion: {
      horizon: formatDuration(completion.horizonMs),
      grace: formatDuration(completion.graceMs),
    },
    activation: {
      horizon: formatDuration(rule.horizonMs),
      key_actions: [...rule.keyActions],
      mode: rule.rule,
    },
    value_event: definitions.valueActions.length === 0 ? VALUE_FLAG : [...definitions.valueActions],
    inactivity_limit: formatDuration(definitions.inactivityLimitMs),
    regular_use: { ...definitions.regularUse },
    expansion: { grace: formatDuration(expansion.graceMs) },
    churn: {
      pause_limit: formatDuration(churn.pauseLimitMs),
      recognition: churn.recognition,
    },
    refund_attribution: definitions.refundAttribution,
    surveys: {
      satisfied_boxes: { ...definitions.surveys.satisfiedBoxes },
      latest_per_respondent: [...definitions.surveys.latestPerRespondent],
    },
    referral: { horizon: formatDuration(definitions.referral.horizonMs) },
    prepost: formatDuration(definitions.comparison.prepostMs),
    washout: formatDuration(definitions.comparison.washoutMs),
    tenure_edges: definitions.tenureEdgesMs.map(formatDuration),
    training: { courses: [...definitions.trainingCourses] },
    proficiency: { milestones: [...definitions.proficiencyCourses] },
    clv: { age_months: definitions.observedAgeMonths },
    cac: {
      lag: formatDuration(acquisition.lagMs),
      refund_grace: formatDuration(acquisition.refundGraceMs),
    },
    low_n: definitions.lowN,
    suppress_n: definitions.suppressN,
    silence_limits: Object.fromEntries(
      Object.entries(definitions.silenceLimitMs).map(([source, ms]) => [
        source,
        formatDuration(ms),
      ]),
    ),
    kpis: definitions.ownKpis.map(documentOfOwn),
  };
}
