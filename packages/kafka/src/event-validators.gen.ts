// Written by `pnpm gen` from schemas/. Do not edit.

import type { EventProperties, EventType } from '@kpi/core';
import { z } from 'zod';

import { rules } from './event-rules.ts';
import { formats, optional } from './formats.ts';

/** The envelope fields that a client sends; the others are set by ingest. */
export const ENVELOPE_VALIDATOR = z.object({
  event_id: formats.id,
  occurred_at: formats.time,
  account_id: optional(formats.id),
  user_id: optional(formats.id),
  source: formats.id,
  source_version: formats.count.default(0),
  retracts: optional(formats.id),
  source_event_type: optional(formats.text),
  anonymous_id: optional(formats.id),
  pii_class: z.enum(['none', 'pseudonymous', 'personal']).default("pseudonymous"),
  external_ids: formats.texts.default({}),
  attributes: formats.texts.default({}),
});

/** A check of `properties` that gives the typed fields of one event type. */
export type PropertyValidator<T extends EventType> = z.ZodType<EventProperties<T>> & {
  readonly shape: { readonly [Name in keyof EventProperties<T>]: z.ZodType };
};

/** `properties` of every event type. Keys that a type does not have are dropped. */
export const PROPERTY_VALIDATORS: { readonly [T in EventType]: PropertyValidator<T> } = {
  'account.created': z.object({
    account_name: optional(formats.text),
    plan: optional(formats.id),
    source_channel: optional(formats.id),
    is_internal: optional(z.boolean()),
    domain: optional(formats.text),
    imported: optional(z.boolean()),
  }),
  'account.merged': z.object({
    from_account_id: formats.id,
    into_account_id: formats.id,
  }).superRefine(rules.mergedAccountsDiffer),
  'billing.dispute_lost': z.object({
    invoice_id: formats.id,
    amount_minor: formats.money,
    currency: formats.currency,
  }),
  'billing.invoice_paid': z.object({
    invoice_id: formats.id,
    amount_net_minor: formats.money,
    tax_minor: formats.money,
    currency: formats.currency,
    period_start: formats.time,
    period_end: formats.time,
    purchase_count: formats.count,
    subscription_id: optional(formats.id),
  }).superRefine(rules.periodRunsForward),
  'billing.payment_failed': z.object({
    invoice_id: formats.id,
    attempt: formats.count,
  }),
  'billing.refund_issued': z.object({
    invoice_id: formats.id,
    amount_minor: formats.money,
    currency: formats.currency,
  }),
  'billing.subscription_ended': z.object({
    subscription_id: formats.id,
    product_id: optional(formats.id),
    plan_id: optional(formats.id),
    mrr_minor: optional(formats.money),
    currency: optional(formats.currency),
    quantity: optional(formats.count),
    ended_reason: optional(formats.text),
    cancel_at: optional(formats.time),
  }),
  'billing.subscription_started': z.object({
    subscription_id: formats.id,
    product_id: formats.id,
    plan_id: formats.id,
    mrr_minor: formats.money,
    currency: formats.currency,
    quantity: formats.count,
    cancel_at: optional(formats.time),
  }),
  'billing.subscription_updated': z.object({
    subscription_id: formats.id,
    product_id: formats.id,
    plan_id: formats.id,
    mrr_minor: formats.money,
    currency: formats.currency,
    quantity: formats.count,
    cancel_at: optional(formats.time),
    change_reason: optional(z.enum(['plan', 'seats', 'price_indexation', 'discount_expired', 'other'])),
  }),
  'crm.lead_created': z.object({
    channel: formats.id,
    amount_minor: optional(formats.money),
    currency: optional(formats.currency),
  }).superRefine(rules.amountHasCurrency),
  'crm.opportunity_won': z.object({
    channel: formats.id,
    amount_minor: optional(formats.money),
    currency: optional(formats.currency),
  }).superRefine(rules.amountHasCurrency),
  'fx.rate_published': z.object({
    base: formats.currency,
    quote: formats.currency,
    rate: formats.rate,
    date: formats.date,
  }).superRefine(rules.currenciesDiffer),
  'lms.assessment_submitted': z.object({
    course_id: optional(formats.id),
    course_version: optional(formats.id),
    assessment_id: optional(formats.id),
    score_scaled: formats.scaled,
    passed: z.boolean(),
  }),
  'lms.certificate_awarded': z.object({
    certificate_id: formats.id,
    course_id: optional(formats.id),
    course_version: optional(formats.id),
    expires_at: optional(formats.time),
  }),
  'lms.course_completed': z.object({
    course_id: formats.id,
    course_version: optional(formats.id),
    success: optional(z.boolean()),
    score_scaled: optional(formats.scaled),
    manual: z.boolean().default(false),
  }),
  'lms.course_enrolled': z.object({
    course_id: formats.id,
    course_version: formats.id.default("1"),
    enrolment_id: formats.id,
    price_minor: optional(formats.money),
    currency: optional(formats.currency),
  }).superRefine(rules.priceHasCurrency),
  'lms.course_started': z.object({
    course_id: formats.id,
    course_version: optional(formats.id),
    lesson_id: optional(formats.id),
    progress: formats.share,
  }),
  'lms.course_unenrolled': z.object({
    course_id: formats.id,
    course_version: optional(formats.id),
    reason: formats.text,
  }),
  'lms.lesson_completed': z.object({
    course_id: formats.id,
    course_version: optional(formats.id),
    lesson_id: optional(formats.id),
    progress: formats.share,
  }),
  'margin.set': z.object({
    margin: formats.margin,
    valid_from: formats.time,
  }),
  'marketing.spend_recorded': z.object({
    spend_id: formats.id,
    amount_minor: formats.balance,
    currency: formats.currency,
    period_start: formats.time,
    period_end: formats.time,
    kind: z.enum(['marketing', 'sales']),
    channel: formats.id,
  }).superRefine(rules.periodNotEmpty),
  'onboarding.completed': z.object({
    flow_id: formats.id,
    step: optional(formats.id),
  }),
  'onboarding.started': z.object({
    flow_id: formats.id,
    step: optional(formats.id),
  }),
  'onboarding.step_completed': z.object({
    flow_id: formats.id,
    step: optional(formats.id),
  }),
  'product.action_performed': z.object({
    action: formats.id,
    feature: optional(formats.id),
    is_value_event: z.boolean(),
  }),
  'referral.converted': z.object({
    referral_id: formats.id,
    invitee_hash: formats.id,
    invitee_domain: formats.text,
    referred_account_id: optional(formats.id),
  }),
  'referral.sent': z.object({
    referral_id: formats.id,
    invitee_hash: formats.id,
    invitee_domain: formats.text,
    referred_account_id: optional(formats.id),
  }),
  'subject.erased': z.object({
  }),
  'support.ticket_created': z.object({
    ticket_id: formats.id,
    channel: formats.id,
    requester_user_id: formats.id,
    priority: optional(formats.id),
    category: optional(formats.id),
    is_customer_initiated: z.boolean(),
    incident_id: optional(formats.id),
    is_support: z.boolean().default(true),
  }),
  'support.ticket_invalidated': z.object({
    ticket_id: formats.id,
    reason: z.enum(['spam', 'merged', 'deleted']),
    merged_into: optional(formats.id),
  }),
  'support.ticket_updated': z.object({
    ticket_id: formats.id,
    field: formats.id,
    from: optional(formats.text),
    to: optional(formats.text),
    from_account_id: optional(formats.id),
    into_account_id: optional(formats.id),
  }),
  'survey.invited': z.object({
    survey_id: formats.id,
    instance_id: formats.id,
    context: formats.id.default("general"),
  }),
  'survey.response_submitted': z.object({
    survey_id: formats.id,
    instance_id: formats.id,
    question_id: formats.id,
    kind: z.enum(['csat', 'nps', 'ces', 'text']),
    score: optional(formats.score),
    scale_min: optional(formats.score),
    scale_max: optional(formats.score),
    direction: optional(z.enum(['higher_is_better', 'lower_is_better'])),
    context: formats.id.default("general"),
    subject_id: optional(formats.id),
  }).superRefine(rules.answerFitsScale),
  'user.identified': z.object({
    role: optional(formats.id),
  }),
  'user.joined_account': z.object({
    role: optional(formats.id),
  }),
  'user.left_account': z.object({
    role: optional(formats.id),
  }),
  'user.merged': z.object({
    from_user_id: formats.id,
    into_user_id: formats.id,
  }).superRefine(rules.mergedUsersDiffer),
};
