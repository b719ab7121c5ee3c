/** Why a unit does not count, or only in the denominator: a stable code, and the same for people. */
export const REASONS = {
  internal_account: 'The account is internal and counts in nothing.',
  outside_window: 'It counts at other as-of times only.',
  immature: 'It has not had the whole horizon yet.',
  withdrawn_in_grace: 'Withdrawn within the grace period, or for a refund.',
  imported: 'Imported: its history is not known.',
  invalidated: 'The ticket was invalidated, so it never was one.',
  not_customer_initiated: 'Opened by an agent, or no request for support.',
  account_not_active: 'The account was not active at the time.',
  unresolved_account: 'It belongs to no known account.',
  invalid_answer: 'An open text, or a score or scale that is not counted.',
  superseded_by_a_later_answer: 'The respondent answered again, and the latest answer counts.',
  no_fx_rate: 'No exchange rate is known for its currency.',
  never_a_customer: 'The account never had recurring revenue.',
  not_active_at_start: 'The account was not active at the start of the window.',
  not_registered: 'No account.created is known of it.',
  not_onboarded: 'The account had not completed its onboarding.',
  refunded_in_grace: 'All that was paid at the beginning was paid back within the grace period.',
  not_completed: 'Not completed.',
  not_completed_in_time: 'Not completed within the horizon.',
  did_not_churn: 'It did not churn in the window.',
  active_at_the_end: 'It is active at the end of the window.',
  did_not_become_dormant: 'It did not become dormant in the window.',
  used_before_dormant: 'It became dormant after some use, or not at all in the window.',
  not_satisfied: 'The answer is not a satisfied one.',
  passive: 'A passive answer, 7 or 8.',
  not_easy: 'The answer is not on the easy side.',
  not_activated_in_time: 'The key actions were not done within the horizon.',
  not_in_regular_use: 'No regular use in the window.',
  did_not_expand: 'No such expansion in the window that is still in force.',
  no_valid_referral: 'No valid referral in the window.',
  not_reached: 'Not there yet, or lost sight of before.',
  not_converted_in_time: 'Not converted within the horizon.',
} as const;

export type ReasonCode = keyof typeof REASONS;

/** Why a unit that counts in an excluded component does not count in the value; most components are named after it. */
export const REASON_OF_EXCLUDED: Readonly<Record<string, ReasonCode>> = {
  withdrawn: 'withdrawn_in_grace',
  imported: 'imported',
  account_not_active: 'account_not_active',
  unresolved_account: 'unresolved_account',
};

/** Why a unit of the denominator is not among those that this component of a numerator counts. */
export const REASON_OF_MISSING: Readonly<Record<string, ReasonCode>> = {
  completed: 'not_completed_in_time',
  completed_to_date: 'not_completed',
  churned: 'did_not_churn',
  with_new_churned: 'did_not_churn',
  churned_mrr: 'did_not_churn',
  net_lost: 'active_at_the_end',
  dormant: 'did_not_become_dormant',
  never_active: 'used_before_dormant',
  satisfied: 'not_satisfied',
  promoters: 'passive',
  easy: 'not_easy',
  activated: 'not_activated_in_time',
  regular: 'not_in_regular_use',
  expanded: 'did_not_expand',
  upsold: 'did_not_expand',
  cross_sold: 'did_not_expand',
  referrers: 'no_valid_referral',
  reached: 'not_reached',
  converted: 'not_converted_in_time',
};
