// Written by `pnpm gen` from schemas/. Do not edit.

import type { EventProperties, EventType } from '@kpi/core';
import type { z } from 'zod';

import { rules } from './event-rules.ts';
import type { ENVELOPE_VALIDATOR } from './event-validators.gen.ts';
import { type JsonFields, holds, quick } from './quick-formats.ts';

/** The envelope fields that a client sends; undefined leaves the answer to the validator. */
export function readEnvelope(
  sentFields: JsonFields,
): z.output<typeof ENVELOPE_VALIDATOR> | undefined {
  const event_id = quick.id(sentFields['event_id']);
  const occurred_at = quick.time(sentFields['occurred_at']);
  const account_id = (sentFields['account_id'] ?? null) === null ? null : quick.id(sentFields['account_id']);
  const user_id = (sentFields['user_id'] ?? null) === null ? null : quick.id(sentFields['user_id']);
  const source = quick.id(sentFields['source']);
  const source_version = sentFields['source_version'] === undefined ? 0 : quick.count(sentFields['source_version']);
  const retracts = (sentFields['retracts'] ?? null) === null ? null : quick.id(sentFields['retracts']);
  const source_event_type = (sentFields['source_event_type'] ?? null) === null ? null : quick.text(sentFields['source_event_type']);
  const anonymous_id = (sentFields['anonymous_id'] ?? null) === null ? null : quick.id(sentFields['anonymous_id']);
  const pii_class = sentFields['pii_class'] === undefined ? "pseudonymous" : quick.oneOf(['none', 'pseudonymous', 'personal'], sentFields['pii_class']);
  const external_ids = sentFields['external_ids'] === undefined ? {} : quick.texts(sentFields['external_ids']);
  const attributes = sentFields['attributes'] === undefined ? {} : quick.texts(sentFields['attributes']);
  if (event_id === undefined) return undefined;
  if (occurred_at === undefined) return undefined;
  if (account_id === undefined) return undefined;
  if (user_id === undefined) return undefined;
  if (source === undefined) return undefined;
  if (source_version === undefined) return undefined;
  if (retracts === undefined) return undefined;
  if (source_event_type === undefined) return undefined;
  if (anonymous_id === undefined) return undefined;
  if (pii_class === undefined) return undefined;
  if (external_ids === undefined) return undefined;
  if (attributes === undefined) return undefined;
  return { event_id, occurred_at, account_id, user_id, source, source_version, retracts, source_event_type, anonymous_id, pii_class, external_ids, attributes };
}

/** The `properties` of each event type; a type without one is left to its validator. */
export const QUICK_READERS: {
  readonly [T in EventType]?: (sentFields: JsonFields) => EventProperties<T> | undefined;
} = {
  'account.created': (sentFields) => {
    const account_name = (sentFields['account_name'] ?? null) === null ? null : quick.text(sentFields['account_name']);
    const plan = (sentFields['plan'] ?? null) === null ? null : quick.id(sentFields['plan']);
    const source_channel = (sentFields['source_channel'] ?? null) === null ? null : quick.id(sentFields['source_channel']);
    const is_internal = (sentFields['is_internal'] ?? null) === null ? null : quick.flag(sentFields['is_internal']);
    const domain = (sentFields['domain'] ?? null) === null ? null : quick.text(sentFields['domain']);
    const imported = (sentFields['imported'] ?? null) === null ? null : quick.flag(sentFields['imported']);
    if (account_name === undefined) return undefined;
    if (plan === undefined) return undefined;
    if (source_channel === undefined) return undefined;
    if (is_internal === undefined) return undefined;
    if (domain === undefined) return undefined;
    if (imported === undefined) return undefined;
    return { account_name, plan, source_channel, is_internal, domain, imported };
  },
  'account.merged': (sentFields) => {
    const from_account_id = quick.id(sentFields['from_account_id']);
    const into_account_id = quick.id(sentFields['into_account_id']);
    if (from_account_id === undefined) return undefined;
    if (into_account_id === undefined) return undefined;
    const fields = { from_account_id, into_account_id };
    return holds(rules.mergedAccountsDiffer, fields) ? fields : undefined;
  },
  'billing.dispute_lost': (sentFields) => {
    const invoice_id = quick.id(sentFields['invoice_id']);
    const amount_minor = quick.money(sentFields['amount_minor']);
    const currency = quick.currency(sentFields['currency']);
    if (invoice_id === undefined) return undefined;
    if (amount_minor === undefined) return undefined;
    if (currency === undefined) return undefined;
    return { invoice_id, amount_minor, currency };
  },
  'billing.invoice_paid': (sentFields) => {
    const invoice_id = quick.id(sentFields['invoice_id']);
    const amount_net_minor = quick.money(sentFields['amount_net_minor']);
    const tax_minor = quick.money(sentFields['tax_minor']);
    const currency = quick.currency(sentFields['currency']);
    const period_start = quick.time(sentFields['period_start']);
    const period_end = quick.time(sentFields['period_end']);
    const purchase_count = quick.count(sentFields['purchase_count']);
    const subscription_id = (sentFields['subscription_id'] ?? null) === null ? null : quick.id(sentFields['subscription_id']);
    if (invoice_id === undefined) return undefined;
    if (amount_net_minor === undefined) return undefined;
    if (tax_minor === undefined) return undefined;
    if (currency === undefined) return undefined;
    if (period_start === undefined) return undefined;
    if (period_end === undefined) return undefined;
    if (purchase_count === undefined) return undefined;
    if (subscription_id === undefined) return undefined;
    const fields = { invoice_id, amount_net_minor, tax_minor, currency, period_start, period_end, purchase_count, subscription_id };
    return holds(rules.periodRunsForward, fields) ? fields : undefined;
  },
  'billing.payment_failed': (sentFields) => {
    const invoice_id = quick.id(sentFields['invoice_id']);
    const attempt = quick.count(sentFields['attempt']);
    if (invoice_id === undefined) return undefined;
    if (attempt === undefined) return undefined;
    return { invoice_id, attempt };
  },
  'billing.refund_issued': (sentFields) => {
    const invoice_id = quick.id(sentFields['invoice_id']);
    const amount_minor = quick.money(sentFields['amount_minor']);
    const currency = quick.currency(sentFields['currency']);
    if (invoice_id === undefined) return undefined;
    if (amount_minor === undefined) return undefined;
    if (currency === undefined) return undefined;
    return { invoice_id, amount_minor, currency };
  },
  'billing.subscription_ended': (sentFields) => {
    const subscription_id = quick.id(sentFields['subscription_id']);
    const product_id = (sentFields['product_id'] ?? null) === null ? null : quick.id(sentFields['product_id']);
    const plan_id = (sentFields['plan_id'] ?? null) === null ? null : quick.id(sentFields['plan_id']);
    const mrr_minor = (sentFields['mrr_minor'] ?? null) === null ? null : quick.money(sentFields['mrr_minor']);
    const currency = (sentFields['currency'] ?? null) === null ? null : quick.currency(sentFields['currency']);
    const quantity = (sentFields['quantity'] ?? null) === null ? null : quick.count(sentFields['quantity']);
    const ended_reason = (sentFields['ended_reason'] ?? null) === null ? null : quick.text(sentFields['ended_reason']);
    const cancel_at = (sentFields['cancel_at'] ?? null) === null ? null : quick.time(sentFields['cancel_at']);
    if (subscription_id === undefined) return undefined;
    if (product_id === undefined) return undefined;
    if (plan_id === undefined) return undefined;
    if (mrr_minor === undefined) return undefined;
    if (currency === undefined) return undefined;
    if (quantity === undefined) return undefined;
    if (ended_reason === undefined) return undefined;
    if (cancel_at === undefined) return undefined;
    return { subscription_id, product_id, plan_id, mrr_minor, currency, quantity, ended_reason, cancel_at };
  },
  'billing.subscription_started': (sentFields) => {
    const subscription_id = quick.id(sentFields['subscription_id']);
    const product_id = quick.id(sentFields['product_id']);
    const plan_id = quick.id(sentFields['plan_id']);
    const mrr_minor = quick.money(sentFields['mrr_minor']);
    const currency = quick.currency(sentFields['currency']);
    const quantity = quick.count(sentFields['quantity']);
    const cancel_at = (sentFields['cancel_at'] ?? null) === null ? null : quick.time(sentFields['cancel_at']);
    if (subscription_id === undefined) return undefined;
    if (product_id === undefined) return undefined;
    if (plan_id === undefined) return undefined;
    if (mrr_minor === undefined) return undefined;
    if (currency === undefined) return undefined;
    if (quantity === undefined) return undefined;
    if (cancel_at === undefined) return undefined;
    return { subscription_id, product_id, plan_id, mrr_minor, currency, quantity, cancel_at };
  },
  'billing.subscription_updated': (sentFields) => {
    const subscription_id = quick.id(sentFields['subscription_id']);
    const product_id = quick.id(sentFields['product_id']);
    const plan_id = quick.id(sentFields['plan_id']);
    const mrr_minor = quick.money(sentFields['mrr_minor']);
    const currency = quick.currency(sentFields['currency']);
    const quantity = quick.count(sentFields['quantity']);
    const cancel_at = (sentFields['cancel_at'] ?? null) === null ? null : quick.time(sentFields['cancel_at']);
    const change_reason = (sentFields['change_reason'] ?? null) === null ? null : quick.oneOf(['plan', 'seats', 'price_indexation', 'discount_expired', 'other'], sentFields['change_reason']);
    if (subscription_id === undefined) return undefined;
    if (product_id === undefined) return undefined;
    if (plan_id === undefined) return undefined;
    if (mrr_minor === undefined) return undefined;
    if (currency === undefined) return undefined;
    if (quantity === undefined) return undefined;
    if (cancel_at === undefined) return undefined;
    if (change_reason === undefined) return undefined;
    return { subscription_id, product_id, plan_id, mrr_minor, currency, quantity, cancel_at, change_reason };
  },
  'crm.lead_created': (sentFields) => {
    const channel = quick.id(sentFields['channel']);
    const amount_minor = (sentFields['amount_minor'] ?? null) === null ? null : quick.money(sentFields['amount_minor']);
    const currency = (sentFields['currency'] ?? null) === null ? null : quick.currency(sentFields['currency']);
    if (channel === undefined) return undefined;
    if (amount_minor === undefined) return undefined;
    if (currency === undefined) return undefined;
    const fields = { channel, amount_minor, currency };
    return holds(rules.amountHasCurrency, fields) ? fields : undefined;
  },
  'crm.opportunity_won': (sentFields) => {
    const channel = quick.id(sentFields['channel']);
    const amount_minor = (sentFields['amount_minor'] ?? null) === null ? null : quick.money(sentFields['amount_minor']);
    const currency = (sentFields['currency'] ?? null) === null ? null : quick.currency(sentFields['currency']);
    if (channel === undefined) return undefined;
    if (amount_minor === undefined) return undefined;
    if (currency === undefined) return undefined;
    const fields = { channel, amount_minor, currency };
    return holds(rules.amountHasCurrency, fields) ? fields : undefined;
  },
  'lms.assessment_submitted': (sentFields) => {
    const course_id = (sentFields['course_id'] ?? null) === null ? null : quick.id(sentFields['course_id']);
    const course_version = (sentFields['course_version'] ?? null) === null ? null : quick.id(sentFields['course_version']);
    const assessment_id = (sentFields['assessment_id'] ?? null) === null ? null : quick.id(sentFields['assessment_id']);
    const score_scaled = quick.scaled(sentFields['score_scaled']);
    const passed = quick.flag(sentFields['passed']);
    if (course_id === undefined) return undefined;
    if (course_version === undefined) return undefined;
    if (assessment_id === undefined) return undefined;
    if (score_scaled === undefined) return undefined;
    if (passed === undefined) return undefined;
    return { course_id, course_version, assessment_id, score_scaled, passed };
  },
  'lms.certificate_awarded': (sentFields) => {
    const certificate_id = quick.id(sentFields['certificate_id']);
    const course_id = (sentFields['course_id'] ?? null) === null ? null : quick.id(sentFields['course_id']);
    const course_version = (sentFields['course_version'] ?? null) === null ? null : quick.id(sentFields['course_version']);
    const expires_at = (sentFields['expires_at'] ?? null) === null ? null : quick.time(sentFields['expires_at']);
    if (certificate_id === undefined) return undefined;
    if (course_id === undefined) return undefined;
    if (course_version === undefined) return undefined;
    if (expires_at === undefined) return undefined;
    return { certificate_id, course_id, course_version, expires_at };
  },
  'lms.course_completed': (sentFields) => {
    const course_id = quick.id(sentFields['course_id']);
    const course_version = (sentFields['course_version'] ?? null) === null ? null : quick.id(sentFields['course_version']);
    const success = (sentFields['success'] ?? null) === null ? null : quick.flag(sentFields['success']);
    const score_scaled = (sentFields['score_scaled'] ?? null) === null ? null : quick.scaled(sentFields['score_scaled']);
    const manual = sentFields['manual'] === undefined ? false : quick.flag(sentFields['manual']);
    if (course_id === undefined) return undefined;
    if (course_version === undefined) return undefined;
    if (success === undefined) return undefined;
    if (score_scaled === undefined) return undefined;
    if (manual === undefined) return undefined;
    return { course_id, course_version, success, score_scaled, manual };
  },
  'lms.course_enrolled': (sentFields) => {
    const course_id = quick.id(sentFields['course_id']);
    const course_version = sentFields['course_version'] === undefined ? "1" : quick.id(sentFields['course_version']);
    const enrolment_id = quick.id(sentFields['enrolment_id']);
    const price_minor = (sentFields['price_minor'] ?? null) === null ? null : quick.money(sentFields['price_minor']);
    const currency = (sentFields['currency'] ?? null) === null ? null : quick.currency(sentFields['currency']);
    if (course_id === undefined) return undefined;
    if (course_version === undefined) return undefined;
    if (enrolment_id === undefined) return undefined;
    if (price_minor === undefined) return undefined;
    if (currency === undefined) return undefined;
    const fields = { course_id, course_version, enrolment_id, price_minor, currency };
    return holds(rules.priceHasCurrency, fields) ? fields : undefined;
  },
  'lms.course_started': (sentFields) => {
    const course_id = quick.id(sentFields['course_id']);
    const course_version = (sentFields['course_version'] ?? null) === null ? null : quick.id(sentFields['course_version']);
    const lesson_id = (sentFields['lesson_id'] ?? null) === null ? null : quick.id(sentFields['lesson_id']);
    const progress = quick.share(sentFields['progress']);
    if (course_id === undefined) return undefined;
    if (course_version === undefined) return undefined;
    if (lesson_id === undefined) return undefined;
    if (progress === undefined) return undefined;
    return { course_id, course_version, lesson_id, progress };
  },
  'lms.course_unenrolled': (sentFields) => {
    const course_id = quick.id(sentFields['course_id']);
    const course_version = (sentFields['course_version'] ?? null) === null ? null : quick.id(sentFields['course_version']);
    const reason = quick.text(sentFields['reason']);
    if (course_id === undefined) return undefined;
    if (course_version === undefined) return undefined;
    if (reason === undefined) return undefined;
    return { course_id, course_version, reason };
  },
  'lms.lesson_completed': (sentFields) => {
    const course_id = quick.id(sentFields['course_id']);
    const course_version = (sentFields['course_version'] ?? null) === null ? null : quick.id(sentFields['course_version']);
    const lesson_id = (sentFields['lesson_id'] ?? null) === null ? null : quick.id(sentFields['lesson_id']);
    const progress = quick.share(sentFields['progress']);
    if (course_id === undefined) return undefined;
    if (course_version === undefined) return undefined;
    if (lesson_id === undefined) return undefined;
    if (progress === undefined) return undefined;
    return { course_id, course_version, lesson_id, progress };
  },
  'marketing.spend_recorded': (sentFields) => {
    const spend_id = quick.id(sentFields['spend_id']);
    const amount_minor = quick.balance(sentFields['amount_minor']);
    const currency = quick.currency(sentFields['currency']);
    const period_start = quick.time(sentFields['period_start']);
    const period_end = quick.time(sentFields['period_end']);
    const kind = quick.oneOf(['marketing', 'sales'], sentFields['kind']);
    const channel = quick.id(sentFields['channel']);
    if (spend_id === undefined) return undefined;
    if (amount_minor === undefined) return undefined;
    if (currency === undefined) return undefined;
    if (period_start === undefined) return undefined;
    if (period_end === undefined) return undefined;
    if (kind === undefined) return undefined;
    if (channel === undefined) return undefined;
    const fields = { spend_id, amount_minor, currency, period_start, period_end, kind, channel };
    return holds(rules.periodNotEmpty, fields) ? fields : undefined;
  },
  'onboarding.completed': (sentFields) => {
    const flow_id = quick.id(sentFields['flow_id']);
    const step = (sentFields['step'] ?? null) === null ? null : quick.id(sentFields['step']);
    if (flow_id === undefined) return undefined;
    if (step === undefined) return undefined;
    return { flow_id, step };
  },
  'onboarding.started': (sentFields) => {
    const flow_id = quick.id(sentFields['flow_id']);
    const step = (sentFields['step'] ?? null) === null ? null : quick.id(sentFields['step']);
    if (flow_id === undefined) return undefined;
    if (step === undefined) return undefined;
    return { flow_id, step };
  },
  'onboarding.step_completed': (sentFields) => {
    const flow_id = quick.id(sentFields['flow_id']);
    const step = (sentFields['step'] ?? null) === null ? null : quick.id(sentFields['step']);
    if (flow_id === undefined) return undefined;
    if (step === undefined) return undefined;
    return { flow_id, step };
  },
  'product.action_performed': (sentFields) => {
    const action = quick.id(sentFields['action']);
    const feature = (sentFields['feature'] ?? null) === null ? null : quick.id(sentFields['feature']);
    const is_value_event = quick.flag(sentFields['is_value_event']);
    if (action === undefined) return undefined;
    if (feature === undefined) return undefined;
    if (is_value_event === undefined) return undefined;
    return { action, feature, is_value_event };
  },
  'referral.converted': (sentFields) => {
    const referral_id = quick.id(sentFields['referral_id']);
    const invitee_hash = quick.id(sentFields['invitee_hash']);
    const invitee_domain = quick.text(sentFields['invitee_domain']);
    const referred_account_id = (sentFields['referred_account_id'] ?? null) === null ? null : quick.id(sentFields['referred_account_id']);
    if (referral_id === undefined) return undefined;
    if (invitee_hash === undefined) return undefined;
    if (invitee_domain === undefined) return undefined;
    if (referred_account_id === undefined) return undefined;
    return { referral_id, invitee_hash, invitee_domain, referred_account_id };
  },
  'referral.sent': (sentFields) => {
    const referral_id = quick.id(sentFields['referral_id']);
    const invitee_hash = quick.id(sentFields['invitee_hash']);
    const invitee_domain = quick.text(sentFields['invitee_domain']);
    const referred_account_id = (sentFields['referred_account_id'] ?? null) === null ? null : quick.id(sentFields['referred_account_id']);
    if (referral_id === undefined) return undefined;
    if (invitee_hash === undefined) return undefined;
    if (invitee_domain === undefined) return undefined;
    if (referred_account_id === undefined) return undefined;
    return { referral_id, invitee_hash, invitee_domain, referred_account_id };
  },
  'subject.erased': () => {
    return {  };
  },
  'support.ticket_created': (sentFields) => {
    const ticket_id = quick.id(sentFields['ticket_id']);
    const channel = quick.id(sentFields['channel']);
    const requester_user_id = quick.id(sentFields['requester_user_id']);
    const priority = (sentFields['priority'] ?? null) === null ? null : quick.id(sentFields['priority']);
    const category = (sentFields['category'] ?? null) === null ? null : quick.id(sentFields['category']);
    const is_customer_initiated = quick.flag(sentFields['is_customer_initiated']);
    const incident_id = (sentFields['incident_id'] ?? null) === null ? null : quick.id(sentFields['incident_id']);
    const is_support = sentFields['is_support'] === undefined ? true : quick.flag(sentFields['is_support']);
    if (ticket_id === undefined) return undefined;
    if (channel === undefined) return undefined;
    if (requester_user_id === undefined) return undefined;
    if (priority === undefined) return undefined;
    if (category === undefined) return undefined;
    if (is_customer_initiated === undefined) return undefined;
    if (incident_id === undefined) return undefined;
    if (is_support === undefined) return undefined;
    return { ticket_id, channel, requester_user_id, priority, category, is_customer_initiated, incident_id, is_support };
  },
  'support.ticket_invalidated': (sentFields) => {
    const ticket_id = quick.id(sentFields['ticket_id']);
    const reason = quick.oneOf(['spam', 'merged', 'deleted'], sentFields['reason']);
    const merged_into = (sentFields['merged_into'] ?? null) === null ? null : quick.id(sentFields['merged_into']);
    if (ticket_id === undefined) return undefined;
    if (reason === undefined) return undefined;
    if (merged_into === undefined) return undefined;
    return { ticket_id, reason, merged_into };
  },
  'support.ticket_updated': (sentFields) => {
    const ticket_id = quick.id(sentFields['ticket_id']);
    const field = quick.id(sentFields['field']);
    const from = (sentFields['from'] ?? null) === null ? null : quick.text(sentFields['from']);
    const to = (sentFields['to'] ?? null) === null ? null : quick.text(sentFields['to']);
    const from_account_id = (sentFields['from_account_id'] ?? null) === null ? null : quick.id(sentFields['from_account_id']);
    const into_account_id = (sentFields['into_account_id'] ?? null) === null ? null : quick.id(sentFields['into_account_id']);
    if (ticket_id === undefined) return undefined;
    if (field === undefined) return undefined;
    if (from === undefined) return undefined;
    if (to === undefined) return undefined;
    if (from_account_id === undefined) return undefined;
    if (into_account_id === undefined) return undefined;
    return { ticket_id, field, from, to, from_account_id, into_account_id };
  },
  'survey.invited': (sentFields) => {
    const survey_id = quick.id(sentFields['survey_id']);
    const instance_id = quick.id(sentFields['instance_id']);
    const context = sentFields['context'] === undefined ? "general" : quick.id(sentFields['context']);
    if (survey_id === undefined) return undefined;
    if (instance_id === undefined) return undefined;
    if (context === undefined) return undefined;
    return { survey_id, instance_id, context };
  },
  'survey.response_submitted': (sentFields) => {
    const survey_id = quick.id(sentFields['survey_id']);
    const instance_id = quick.id(sentFields['instance_id']);
    const question_id = quick.id(sentFields['question_id']);
    const kind = quick.oneOf(['csat', 'nps', 'ces', 'text'], sentFields['kind']);
    const score = (sentFields['score'] ?? null) === null ? null : quick.score(sentFields['score']);
    const scale_min = (sentFields['scale_min'] ?? null) === null ? null : quick.score(sentFields['scale_min']);
    const scale_max = (sentFields['scale_max'] ?? null) === null ? null : quick.score(sentFields['scale_max']);
    const direction = (sentFields['direction'] ?? null) === null ? null : quick.oneOf(['higher_is_better', 'lower_is_better'], sentFields['direction']);
    const context = sentFields['context'] === undefined ? "general" : quick.id(sentFields['context']);
    const subject_id = (sentFields['subject_id'] ?? null) === null ? null : quick.id(sentFields['subject_id']);
    if (survey_id === undefined) return undefined;
    if (instance_id === undefined) return undefined;
    if (question_id === undefined) return undefined;
    if (kind === undefined) return undefined;
    if (score === undefined) return undefined;
    if (scale_min === undefined) return undefined;
    if (scale_max === undefined) return undefined;
    if (direction === undefined) return undefined;
    if (context === undefined) return undefined;
    if (subject_id === undefined) return undefined;
    const fields = { survey_id, instance_id, question_id, kind, score, scale_min, scale_max, direction, context, subject_id };
    return holds(rules.answerFitsScale, fields) ? fields : undefined;
  },
  'user.identified': (sentFields) => {
    const role = (sentFields['role'] ?? null) === null ? null : quick.id(sentFields['role']);
    if (role === undefined) return undefined;
    return { role };
  },
  'user.joined_account': (sentFields) => {
    const role = (sentFields['role'] ?? null) === null ? null : quick.id(sentFields['role']);
    if (role === undefined) return undefined;
    return { role };
  },
  'user.left_account': (sentFields) => {
    const role = (sentFields['role'] ?? null) === null ? null : quick.id(sentFields['role']);
    if (role === undefined) return undefined;
    return { role };
  },
  'user.merged': (sentFields) => {
    const from_user_id = quick.id(sentFields['from_user_id']);
    const into_user_id = quick.id(sentFields['into_user_id']);
    if (from_user_id === undefined) return undefined;
    if (into_user_id === undefined) return undefined;
    const fields = { from_user_id, into_user_id };
    return holds(rules.mergedUsersDiffer, fields) ? fields : undefined;
  },
};
