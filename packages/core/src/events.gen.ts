// Written by `pnpm gen` from schemas/. Do not edit.

import type { EventType } from './event-types.gen.ts';

/** Fields that every event has. Times are ms since the epoch, UTC. */
export interface EventEnvelope {
  /** The source's own id of the event, unique within tenant and source. With both it is the event key. */
  readonly event_id: string;
  /** When it happened in the source's world, ms since the epoch, UTC. */
  readonly occurred_at: number;
  /** Owner of the data. */
  readonly tenant_id: string;
  /** Canonical account the event belongs to. */
  readonly account_id: string | null;
  /** Canonical user the event is about. */
  readonly user_id: string | null;
  /** System that reported the event, such as stripe. */
  readonly source: string;
  /** Same event key, different payload: the higher version wins, then the later received_at. */
  readonly source_version: number;
  /** Id of an event of the same source that this one takes back; the properties then do not count. */
  readonly retracts: string | null;
  /** When ingest accepted it, ms since the epoch. 0 from a producer that writes to Kafka itself: readers then take the timestamp of the record. */
  readonly received_at: number;
  /** Area and name, such as lms.course_completed; the same as the record's name without kpi. */
  readonly event_type: EventType;
  /** Number of the schema file the event was written with. */
  readonly schema_version: number;
  /** What the source calls it, such as invoice.paid or the IRI of an xAPI verb. */
  readonly source_event_type: string | null;
  /** Visitor id from before the user was known. */
  readonly anonymous_id: string | null;
  /** How closely the event identifies a person. */
  readonly pii_class: 'none' | 'pseudonymous' | 'personal';
  /** Ids as the source gave them, by kind. */
  readonly external_ids: Readonly<Record<string, string>>;
  /** What the source sent beyond the typed fields, as text. */
  readonly attributes: Readonly<Record<string, string>>;
}

/** An account came to exist, or what is known of it was stated again. */
export interface AccountCreated extends EventEnvelope {
  readonly event_type: 'account.created';
  /** Name as people know it. */
  readonly account_name: string | null;
  /** Plan the account is on, until a subscription says otherwise. */
  readonly plan: string | null;
  /** Channel through which the account was won. */
  readonly source_channel: string | null;
  /** Test or own account, left out of every KPI. Null: not stated. The last statement holds for all of history. */
  readonly is_internal: boolean | null;
  /** Mail domain of the account, to tell its own people from outsiders. */
  readonly domain: string | null;
  /** The account is older than the data about it. Null: not stated. */
  readonly imported: boolean | null;
}

/** Two accounts turned out to be one. Holds for all of history. Published twice, keyed by each side. */
export interface AccountMerged extends EventEnvelope {
  readonly event_type: 'account.merged';
  /** The account that is no more. */
  readonly from_account_id: string;
  /** The account that goes on. */
  readonly into_account_id: string;
}

/** A disputed payment was lost. */
export interface BillingDisputeLost extends EventEnvelope {
  readonly event_type: 'billing.dispute_lost';
  /** The invoice, unique within tenant and source. */
  readonly invoice_id: string;
  /** Amount net of tax, in minor units. */
  readonly amount_minor: number;
  /** ISO 4217 code. */
  readonly currency: string;
}

/** An invoice was paid: a sale. */
export interface BillingInvoicePaid extends EventEnvelope {
  readonly event_type: 'billing.invoice_paid';
  /** The invoice, unique within tenant and source. */
  readonly invoice_id: string;
  /** Amount net of tax and discounts, in minor units. */
  readonly amount_net_minor: number;
  /** Tax in minor units. */
  readonly tax_minor: number;
  /** ISO 4217 code. */
  readonly currency: string;
  /** Start of the service period, ms since the epoch. */
  readonly period_start: number;
  /** End of the service period, exclusive, ms since the epoch. */
  readonly period_end: number;
  /** Purchases the invoice stands for. */
  readonly purchase_count: number;
  /** The subscription it is for. */
  readonly subscription_id: string | null;
}

/** A payment did not go through. */
export interface BillingPaymentFailed extends EventEnvelope {
  readonly event_type: 'billing.payment_failed';
  /** The invoice, unique within tenant and source. */
  readonly invoice_id: string;
  /** Which attempt it was, from 1. */
  readonly attempt: number;
}

/** Money went back to the customer. */
export interface BillingRefundIssued extends EventEnvelope {
  readonly event_type: 'billing.refund_issued';
  /** The invoice, unique within tenant and source. */
  readonly invoice_id: string;
  /** Amount net of tax, in minor units. */
  readonly amount_minor: number;
  /** ISO 4217 code. */
  readonly currency: string;
}

/** A subscription ended; its MRR is 0 from now on. */
export interface BillingSubscriptionEnded extends EventEnvelope {
  readonly event_type: 'billing.subscription_ended';
  /** The subscription, unique within tenant and source. */
  readonly subscription_id: string;
  /** The product. */
  readonly product_id: string | null;
  /** The plan. */
  readonly plan_id: string | null;
  /** MRR it had, in minor units. */
  readonly mrr_minor: number | null;
  /** ISO 4217 code. */
  readonly currency: string | null;
  /** Seats or units it had. */
  readonly quantity: number | null;
  /** Why, such as voluntary or involuntary. */
  readonly ended_reason: string | null;
  /** When it will end, if that is known, ms since the epoch. */
  readonly cancel_at: number | null;
}

/** A subscription began. */
export interface BillingSubscriptionStarted extends EventEnvelope {
  readonly event_type: 'billing.subscription_started';
  /** The subscription, unique within tenant and source. */
  readonly subscription_id: string;
  /** The product. */
  readonly product_id: string;
  /** The plan. */
  readonly plan_id: string;
  /** Monthly recurring revenue in minor units; 0 in a trial or a pause. */
  readonly mrr_minor: number;
  /** ISO 4217 code. */
  readonly currency: string;
  /** Seats or units. */
  readonly quantity: number;
  /** When it will end, if that is known, ms since the epoch. */
  readonly cancel_at: number | null;
}

/** A subscription changed; mrr_minor 0 pauses it. */
export interface BillingSubscriptionUpdated extends EventEnvelope {
  readonly event_type: 'billing.subscription_updated';
  /** The subscription, unique within tenant and source. */
  readonly subscription_id: string;
  /** The product. */
  readonly product_id: string;
  /** The plan. */
  readonly plan_id: string;
  /** Monthly recurring revenue in minor units; 0 in a trial or a pause. */
  readonly mrr_minor: number;
  /** ISO 4217 code. */
  readonly currency: string;
  /** Seats or units. */
  readonly quantity: number;
  /** When it will end, if that is known, ms since the epoch. */
  readonly cancel_at: number | null;
  /** Why it changed; null: unknown. */
  readonly change_reason: 'plan' | 'seats' | 'price_indexation' | 'discount_expired' | 'other' | null;
}

/** A lead was recorded. */
export interface CrmLeadCreated extends EventEnvelope {
  readonly event_type: 'crm.lead_created';
  /** Channel it came through. */
  readonly channel: string;
  /** Its worth in minor units. */
  readonly amount_minor: number | null;
  /** ISO 4217 code of the amount. */
  readonly currency: string | null;
}

/** An opportunity was won. */
export interface CrmOpportunityWon extends EventEnvelope {
  readonly event_type: 'crm.opportunity_won';
  /** Channel it came through. */
  readonly channel: string;
  /** Its worth in minor units. */
  readonly amount_minor: number | null;
  /** ISO 4217 code of the amount. */
  readonly currency: string | null;
}

/** An exchange rate of one day: 1 base = rate quote. */
export interface FxRatePublished extends EventEnvelope {
  readonly event_type: 'fx.rate_published';
  /** ISO 4217 code. */
  readonly base: string;
  /** ISO 4217 code. */
  readonly quote: string;
  /** Decimal text above 0, at most 10 fraction digits. */
  readonly rate: string;
  /** UTC date the rate is for, YYYY-MM-DD. */
  readonly date: string;
}

/** A user handed in an assessment. */
export interface LmsAssessmentSubmitted extends EventEnvelope {
  readonly event_type: 'lms.assessment_submitted';
  /** The course it belongs to. */
  readonly course_id: string | null;
  /** Version of the course. Null: the latest version enrolled before. */
  readonly course_version: string | null;
  /** The assessment. */
  readonly assessment_id: string | null;
  /** Score from -1 to 1, as xAPI scales it. */
  readonly score_scaled: number;
  /** Whether it was passed. */
  readonly passed: boolean;
}

/** A user was given a certificate. */
export interface LmsCertificateAwarded extends EventEnvelope {
  readonly event_type: 'lms.certificate_awarded';
  /** The certificate. */
  readonly certificate_id: string;
  /** The course it is for. */
  readonly course_id: string | null;
  /** Version of the course. Null: the latest version enrolled before. */
  readonly course_version: string | null;
  /** When it ends, ms since the epoch. */
  readonly expires_at: number | null;
}

/** A user finished a course. */
export interface LmsCourseCompleted extends EventEnvelope {
  readonly event_type: 'lms.course_completed';
  /** The course. */
  readonly course_id: string;
  /** Version of the course. Null: the latest version enrolled before. */
  readonly course_version: string | null;
  /** Whether the course was passed; a failed course is completed all the same. */
  readonly success: boolean | null;
  /** Score from -1 to 1, as xAPI scales it. */
  readonly score_scaled: number | null;
  /** Marked as completed by hand. */
  readonly manual: boolean;
}

/** A user was enrolled in a course: a course run begins. */
export interface LmsCourseEnrolled extends EventEnvelope {
  readonly event_type: 'lms.course_enrolled';
  /** The course. */
  readonly course_id: string;
  /** Version of the course. */
  readonly course_version: string;
  /** The enrolment, unique within tenant and source. */
  readonly enrolment_id: string;
  /** Price of the course in minor units. */
  readonly price_minor: number | null;
  /** ISO 4217 code of the price. */
  readonly currency: string | null;
}

/** A user opened a course for the first time. */
export interface LmsCourseStarted extends EventEnvelope {
  readonly event_type: 'lms.course_started';
  /** The course. */
  readonly course_id: string;
  /** Version of the course. Null: the latest version enrolled before. */
  readonly course_version: string | null;
  /** The lesson it began with. */
  readonly lesson_id: string | null;
  /** Share of the course done, 0 to 1. */
  readonly progress: number;
}

/** A user left a course. */
export interface LmsCourseUnenrolled extends EventEnvelope {
  readonly event_type: 'lms.course_unenrolled';
  /** The course. */
  readonly course_id: string;
  /** Version of the course. Null: the latest version enrolled before. */
  readonly course_version: string | null;
  /** Why; a reason that starts with refund withdraws the run at any time. */
  readonly reason: string;
}

/** A user finished a lesson. */
export interface LmsLessonCompleted extends EventEnvelope {
  readonly event_type: 'lms.lesson_completed';
  /** The course. */
  readonly course_id: string;
  /** Version of the course. Null: the latest version enrolled before. */
  readonly course_version: string | null;
  /** The lesson. */
  readonly lesson_id: string | null;
  /** Share of the course done, 0 to 1. */
  readonly progress: number;
}

/** The gross margin from a moment on. */
export interface MarginSet extends EventEnvelope {
  readonly event_type: 'margin.set';
  /** Decimal text from -1 to 1, at most 10 fraction digits; below 0 where a sale costs more than it brings. */
  readonly margin: string;
  /** From when it holds, ms since the epoch. */
  readonly valid_from: number;
}

/** Money spent on winning customers; known by its period, whenever it is reported. */
export interface MarketingSpendRecorded extends EventEnvelope {
  readonly event_type: 'marketing.spend_recorded';
  /** The record of spend, unique within tenant and source; the last report counts. */
  readonly spend_id: string;
  /** Amount in minor units; below 0 for a credit. */
  readonly amount_minor: number;
  /** ISO 4217 code. */
  readonly currency: string;
  /** Start of the period, ms since the epoch. */
  readonly period_start: number;
  /** End of the period, exclusive, ms since the epoch. */
  readonly period_end: number;
  /** What it was spent on. */
  readonly kind: 'marketing' | 'sales';
  /** Marketing channel. */
  readonly channel: string;
}

/** An onboarding flow was finished. */
export interface OnboardingCompleted extends EventEnvelope {
  readonly event_type: 'onboarding.completed';
  /** The onboarding flow. */
  readonly flow_id: string;
  /** The step of the flow. */
  readonly step: string | null;
}

/** An onboarding flow began. */
export interface OnboardingStarted extends EventEnvelope {
  readonly event_type: 'onboarding.started';
  /** The onboarding flow. */
  readonly flow_id: string;
  /** The step of the flow. */
  readonly step: string | null;
}

/** One step of an onboarding flow was done. */
export interface OnboardingStepCompleted extends EventEnvelope {
  readonly event_type: 'onboarding.step_completed';
  /** The onboarding flow. */
  readonly flow_id: string;
  /** The step of the flow. */
  readonly step: string | null;
}

/** A user did something in the product. */
export interface ProductActionPerformed extends EventEnvelope {
  readonly event_type: 'product.action_performed';
  /** What was done, such as create_project. */
  readonly action: string;
  /** Part of the product it was done with. */
  readonly feature: string | null;
  /** The action is what the product is bought for. */
  readonly is_value_event: boolean;
}

/** An invited person became a user or customer. */
export interface ReferralConverted extends EventEnvelope {
  readonly event_type: 'referral.converted';
  /** The referral; a conversion names the one it came from. */
  readonly referral_id: string;
  /** Salted hash of the invitee's address. */
  readonly invitee_hash: string;
  /** Mail domain of the invitee. */
  readonly invitee_domain: string;
  /** The account the invitee brought. */
  readonly referred_account_id: string | null;
}

/** Somebody invited a person from outside the account. */
export interface ReferralSent extends EventEnvelope {
  readonly event_type: 'referral.sent';
  /** The referral; a conversion names the one it came from. */
  readonly referral_id: string;
  /** Salted hash of the invitee's address. */
  readonly invitee_hash: string;
  /** Mail domain of the invitee. */
  readonly invitee_domain: string;
  /** The account the invitee brought. */
  readonly referred_account_id: string | null;
}

/** A person or an account must be forgotten: the user when user_id is given, else the account. */
export interface SubjectErased extends EventEnvelope {
  readonly event_type: 'subject.erased';
}

/** A ticket was opened. */
export interface SupportTicketCreated extends EventEnvelope {
  readonly event_type: 'support.ticket_created';
  /** The ticket, unique within tenant and source. */
  readonly ticket_id: string;
  /** How it came, such as email or chat. */
  readonly channel: string;
  /** The user who asks. */
  readonly requester_user_id: string;
  /** Priority as the help desk names it. */
  readonly priority: string | null;
  /** What it is about. */
  readonly category: string | null;
  /** Opened by the customer, not by an agent on their own account. */
  readonly is_customer_initiated: boolean;
  /** The incident that caused it. */
  readonly incident_id: string | null;
  /** A request for help, not a sales or internal one. */
  readonly is_support: boolean;
}

/** A ticket was never a ticket. Holds for all of history. */
export interface SupportTicketInvalidated extends EventEnvelope {
  readonly event_type: 'support.ticket_invalidated';
  /** The ticket, unique within tenant and source. */
  readonly ticket_id: string;
  /** Why it does not count. */
  readonly reason: 'spam' | 'merged' | 'deleted';
  /** The ticket that goes on. */
  readonly merged_into: string | null;
}

/** A field of a ticket changed; account_id, organization_id and requester_user_id attribute it anew. */
export interface SupportTicketUpdated extends EventEnvelope {
  readonly event_type: 'support.ticket_updated';
  /** The ticket, unique within tenant and source. */
  readonly ticket_id: string;
  /** Name of the field. */
  readonly field: string;
  /** Value before; null: none. */
  readonly from: string | null;
  /** Value after; null: none. */
  readonly to: string | null;
  /** Account that the ticket was of, where the update says so in another way than by "from", as one of requester_user_id does. Ingest looks it up. */
  readonly from_account_id: string | null;
  /** Account that it is of from then on, likewise. */
  readonly into_account_id: string | null;
}

/** A user was asked to answer a survey. */
export interface SurveyInvited extends EventEnvelope {
  readonly event_type: 'survey.invited';
  /** The survey. */
  readonly survey_id: string;
  /** One sending of the survey to one respondent. */
  readonly instance_id: string;
  /** What the survey is about: general, post_onboarding, ticket or course. */
  readonly context: string;
}

/** A user answered one question of a survey. The last answer counts. */
export interface SurveyResponseSubmitted extends EventEnvelope {
  readonly event_type: 'survey.response_submitted';
  /** The survey. */
  readonly survey_id: string;
  /** One sending of the survey to one respondent. */
  readonly instance_id: string;
  /** The question. */
  readonly question_id: string;
  /** What the question measures. */
  readonly kind: 'csat' | 'nps' | 'ces' | 'text';
  /** The answer as given; null for text. */
  readonly score: number | null;
  /** Lowest possible answer. */
  readonly scale_min: number | null;
  /** Highest possible answer. */
  readonly scale_max: number | null;
  /** Which end of the scale is good; ces must say it, csat and nps are higher_is_better without. */
  readonly direction: 'higher_is_better' | 'lower_is_better' | null;
  /** What the survey is about: general, post_onboarding, ticket or course. */
  readonly context: string;
  /** The ticket, course or flow it is about. */
  readonly subject_id: string | null;
}

/** Something is known of a user. */
export interface UserIdentified extends EventEnvelope {
  readonly event_type: 'user.identified';
  /** What the user is in the account, such as admin. */
  readonly role: string | null;
}

/** A user became a member of an account. */
export interface UserJoinedAccount extends EventEnvelope {
  readonly event_type: 'user.joined_account';
  /** What the user is in the account. */
  readonly role: string | null;
}

/** A user is no longer a member of an account. */
export interface UserLeftAccount extends EventEnvelope {
  readonly event_type: 'user.left_account';
  /** What the user was in the account. */
  readonly role: string | null;
}

/** Two users turned out to be one person. Holds for all of history. Published twice, keyed by each side. */
export interface UserMerged extends EventEnvelope {
  readonly event_type: 'user.merged';
  /** The user that is no more. */
  readonly from_user_id: string;
  /** The user that goes on. */
  readonly into_user_id: string;
}

/** Any event; `event_type` tells them apart. */
export type KpiEvent =
  | AccountCreated
  | AccountMerged
  | BillingDisputeLost
  | BillingInvoicePaid
  | BillingPaymentFailed
  | BillingRefundIssued
  | BillingSubscriptionEnded
  | BillingSubscriptionStarted
  | BillingSubscriptionUpdated
  | CrmLeadCreated
  | CrmOpportunityWon
  | FxRatePublished
  | LmsAssessmentSubmitted
  | LmsCertificateAwarded
  | LmsCourseCompleted
  | LmsCourseEnrolled
  | LmsCourseStarted
  | LmsCourseUnenrolled
  | LmsLessonCompleted
  | MarginSet
  | MarketingSpendRecorded
  | OnboardingCompleted
  | OnboardingStarted
  | OnboardingStepCompleted
  | ProductActionPerformed
  | ReferralConverted
  | ReferralSent
  | SubjectErased
  | SupportTicketCreated
  | SupportTicketInvalidated
  | SupportTicketUpdated
  | SurveyInvited
  | SurveyResponseSubmitted
  | UserIdentified
  | UserJoinedAccount
  | UserLeftAccount
  | UserMerged;

/** The event of one type. */
export type EventOf<T extends EventType> = Extract<KpiEvent, { readonly event_type: T }>;

/** The fields of one type that are not the envelope's. */
export type EventProperties<T extends EventType> = Omit<EventOf<T>, keyof EventEnvelope>;
