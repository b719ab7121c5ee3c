import { DEFAULT_DEFINITIONS, type Definitions, days } from '@kpi/core';

/** A tenant that decides otherwise: shorter times, other currency, courses and actions. */
export const OTHER_DEFINITIONS: Definitions = {
  ...DEFAULT_DEFINITIONS,
  reportingCurrency: 'USD',
  completion: { horizonMs: days(7), graceMs: days(1) },
  tenureEdgesMs: [days(1), days(28)],
  trainingCourses: ['advanced'],
  activation: { horizonMs: days(3), keyActions: ['open', 'create_project'], rule: 'ordered' },
  acquisition: { lagMs: days(7), refundGraceMs: days(3) },
  expansion: { graceMs: days(7) },
  referral: { horizonMs: days(3) },
  churn: { pauseLimitMs: days(2), recognition: 'cancellation' },
  refundAttribution: 'original',
  surveys: {
    satisfiedBoxes: { 2: 1, 3: 2, 5: 1, 7: 3, 10: 1, 11: 3 },
    latestPerRespondent: ['ticket'],
  },
  observedAgeMonths: 1,
  proficiencyCourses: ['advanced', 'basics'],
  valueActions: ['open', 'invite_user'],
  inactivityLimitMs: days(7),
  regularUse: { days: 2, blocks: 2 },
};
