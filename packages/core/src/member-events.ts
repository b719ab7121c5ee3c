import { type Kpi } from './catalogue.ts';
import { EVENT_TYPES, type EventType } from './event-types.gen.ts';
import { type UnitName } from './measure.ts';

/** What must be read of a subject to know its members of a KPI. */
export interface MemberEvents {
  /** Whole events; a subject without any of them has no members. */
  readonly types: readonly EventType[];
  /** Those of them that are a user's, wherever the user was: all homes of such a user must be read. */
  readonly userTypes: readonly EventType[];
  /** Whether product use is read too, which needs its hours and first times only. */
  readonly readsActivity: boolean;
  /** Whether referrals that name a subject are read too, and what their senders say of themselves. */
  readonly readsReferrals: boolean;
}

const LIFE = [
  'account.created',
  'billing.subscription_started',
  'billing.subscription_updated',
  'billing.subscription_ended',
] as const;

const MONEY = ['billing.invoice_paid', 'billing.refund_issued', 'billing.dispute_lost'] as const;
const SURVEY = ['survey.response_submitted'] as const;
const ONBOARDING = ['onboarding.completed'] as const;
const TRAINING = ['lms.course_completed'] as const;
const RUN = [
  'lms.course_enrolled',
  'lms.course_started',
  'lms.lesson_completed',
  'lms.assessment_submitted',
  'lms.course_completed',
  'lms.course_unenrolled',
] as const;
/** What trains an account: completions of its members, wherever they have them from. */
const MEMBERS = ['user.joined_account', 'user.left_account', ...TRAINING] as const;
const TICKET = [
  'support.ticket_created',
  'support.ticket_invalidated',
  'support.ticket_updated',
] as const;
const SUPPORT = [...TICKET, ...MEMBERS] as const;

/** Beside the life of the account, which decides on plan and state of everything. */
const TYPES: Readonly<Record<UnitName, readonly EventType[]>> = {
  course_run: RUN,
  csat_answer: SURVEY,
  nps_answer: SURVEY,
  nps_account: SURVEY,
  ces_answer: SURVEY,
  sale: MONEY,
  seller: MONEY,
  buyer: MONEY,
  customer: MONEY,
  ticket: SUPPORT,
  exposure: SUPPORT,
  account: [],
  referrer: [...ONBOARDING, 'referral.sent'],
  referred_account: ['referral.sent'],
  product_user: ONBOARDING,
  starter: [],
  own_event: [],
  own_account: [],
  own_user: [],
  own_entrant: [],
  newcomer: ['crm.lead_created', 'crm.opportunity_won', ...MONEY],
  expander: [...ONBOARDING, ...MONEY],
  spend: ['marketing.spend_recorded'],
  waiting_account: [],
  learner: ['onboarding.started', ...TRAINING],
};

/** Of units that are a user's, who may have several homes, or look at what users did elsewhere: what is read everywhere. */
const OF_USERS: Readonly<Partial<Record<UnitName, readonly EventType[]>>> = {
  course_run: RUN,
  csat_answer: SURVEY,
  nps_answer: SURVEY,
  ces_answer: SURVEY,
  learner: ['onboarding.started', ...TRAINING],
  ticket: MEMBERS,
  exposure: MEMBERS,
};
/** Units of KPIs of a tenant's own, which are made of the events that these name. */
const OF_OWN: ReadonlySet<UnitName> = new Set([
  'own_event',
  'own_account',
  'own_user',
  'own_entrant',
]);
const OF_ACTIVITY: ReadonlySet<UnitName> = new Set(['product_user', 'starter', 'waiting_account']);

export function memberEventsOf(kpi: Kpi): MemberEvents {
  const units = Object.values(kpi.measures).map(({ unit }) => unit);
  const isRead = (type: EventType): boolean => kpi.events.includes(type);
  return {
    types: [
      ...new Set([
        ...LIFE,
        ...units.flatMap((unit) => TYPES[unit]),
        ...(units.some((unit) => OF_OWN.has(unit)) ? EVENT_TYPES.filter(isRead) : []),
      ]),
    ],
    userTypes: [...new Set(units.flatMap((unit) => OF_USERS[unit] ?? []))],
    readsActivity: units.some((unit) => OF_ACTIVITY.has(unit)),
    readsReferrals: units.includes('referred_account'),
  };
}
