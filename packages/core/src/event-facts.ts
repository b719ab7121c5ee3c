import { ENTITY, PART, entityName } from './entity.ts';
import { type EventType } from './event-types.gen.ts';
import { answer } from './answer-facts.ts';
import { attributionBody } from './attribution.ts';
import { type KpiEvent, type ProductActionPerformed } from './events.gen.ts';
import { type FactBody, type FactOrigin } from './fact.ts';
import { activityOf } from './action-facts.ts';
import { type Definitions, type DefinitionsByTenant } from './definitions.ts';
import { type PlacedFact, RETRACTIONS } from './home.ts';
import { isReadByOwn, ownEventTypes, ownFactOf } from './own-facts.ts';

/** Event types that some KPI reads: of all others {@link factOf} makes a fact only when they take something back. */
const COUNTED: ReadonlySet<EventType> = new Set<EventType>([
  'account.created',
  'account.merged',
  'user.merged',
  'user.joined_account',
  'user.left_account',
  'product.action_performed',
  'crm.lead_created',
  'crm.opportunity_won',
  'marketing.spend_recorded',
  'onboarding.completed',
  'referral.sent',
  'billing.subscription_started',
  'billing.subscription_updated',
  'billing.subscription_ended',
  'billing.invoice_paid',
  'billing.refund_issued',
  'billing.dispute_lost',
  'lms.course_enrolled',
  'lms.course_started',
  'lms.lesson_completed',
  'lms.assessment_submitted',
  'lms.course_completed',
  'lms.course_unenrolled',
  'support.ticket_created',
  'support.ticket_invalidated',
  'support.ticket_updated',
  'survey.response_submitted',
  'fx.rate_published',
  'margin.set',
]);

/** Whether events of a type can make a fact of the built-in KPIs without taking another one back. */
export function isCounted(eventType: EventType): boolean {
  return COUNTED.has(eventType);
}

/** The same of the built-in KPIs and a tenant's own. */
export function isCountedFor(eventType: EventType, { ownKpis }: Definitions): boolean {
  return COUNTED.has(eventType) || isReadByOwn(eventType, ownKpis);
}

/** Event types of which some event can make a fact of any tenant. */
export function countedTypes(all: DefinitionsByTenant): ReadonlySet<EventType> {
  const own = [...all.values()].flatMap(({ ownKpis }) => [...ownEventTypes(ownKpis)]);
  return new Set([...COUNTED, ...own]);
}

interface PlacedBody {
  readonly entity: string;
  readonly body: FactBody;
}

/**
 * What an event says, reduced to what KPIs read, and the entities it says it of; nothing when no KPI reads it.
 * What is done in the product is compressed to hours and first times, and depends on which actions are key actions.
 * An event that retracts is only a retraction (KPI_SPEC 7.1.4). `offset` is its place in the log.
 */
export function factsOf(
  event: KpiEvent,
  offset: number,
  definitions: Definitions,
): readonly PlacedFact[] {
  const own = event.retracts === null ? ownFactOf(event, offset, definitions.ownKpis) : undefined;
  const said = builtInFactsOf(event, offset, definitions);
  return own === undefined ? said : [...said, own];
}

function builtInFactsOf(
  event: KpiEvent,
  offset: number,
  definitions: Definitions,
): readonly PlacedFact[] {
  if (event.event_type === 'product.action_performed' && event.retracts === null)
    return [...activityOf(event, definitions), ...correctionOf(event, offset)];
  const placed = factOf(event, offset, definitions);
  return placed === undefined ? NO_FACTS : [placed];
}

/**
 * Activity with a version replaces, or is replaced by, another action of its key. Which key that was is remembered, so that it is
 * known of the other one, too, whichever comes first.
 */
function correctionOf(event: ProductActionPerformed, offset: number): readonly PlacedFact[] {
  if (event.source_version === 0 || (event.account_id === null && event.user_id === null))
    return NO_FACTS;
  return [{ entity: RETRACTIONS, fact: { ...originOf(event, offset), kind: 'void' } }];
}

const NO_FACTS: readonly PlacedFact[] = [];

function factOf(event: KpiEvent, offset: number, definitions: Definitions): PlacedFact | undefined {
  const placed =
    event.retracts === null ? bodyOf(event, definitions) : retraction(event.source, event.retracts);
  if (placed === undefined) return undefined;
  return { entity: placed.entity, fact: { ...originOf(event, offset), ...placed.body } };
}

/** Where a fact of an event comes from. */
export function originOf(event: KpiEvent, offset: number): FactOrigin {
  return {
    key: `${event.source}${PART}${event.event_id}`,
    eventId: event.event_id,
    at: event.occurred_at,
    sourceVersion: event.source_version,
    receivedAt: event.received_at,
    offset,
  };
}

function retraction(source: string, eventId: string): PlacedBody {
  return {
    entity: RETRACTIONS,
    body: { kind: 'retraction', target: `${source}${PART}${eventId}` },
  };
}

function bodyOf(event: KpiEvent, definitions: Definitions): PlacedBody | undefined {
  switch (event.event_type) {
    case 'account.created':
      return {
        entity: entityName(ENTITY.account),
        body: {
          kind: 'account',
          isInternal: event.is_internal,
          domain: event.domain,
          imported: event.imported,
          channel: event.source_channel,
        },
      };
    case 'account.merged':
      return {
        entity: entityName(ENTITY.merger, event.from_account_id),
        body: { kind: 'merger', into: event.into_account_id },
      };
    case 'user.merged':
      return {
        entity: entityName(ENTITY.userMerger, event.from_user_id),
        body: { kind: 'merger', into: event.into_user_id },
      };
    case 'user.joined_account':
      return membership(event, 'joined');
    case 'user.left_account':
      return membership(event, 'left');
    case 'crm.lead_created':
    case 'crm.opportunity_won':
      return {
        entity: entityName(ENTITY.lead),
        body: { kind: 'lead', channel: event.channel },
      };
    case 'marketing.spend_recorded':
      return {
        entity: entityName(ENTITY.spend, event.source, event.spend_id),
        body: {
          kind: 'spend',
          amountMinor: event.amount_minor,
          currency: event.currency,
          channel: event.channel,
          from: event.period_start,
          to: event.period_end,
        },
      };
    case 'onboarding.completed':
      return { entity: entityName(ENTITY.onboarding), body: { kind: 'onboarded' } };
    case 'referral.sent': {
      const isSelf = event.account_id !== null && event.referred_account_id === event.account_id;
      return {
        entity: entityName(ENTITY.invitee, event.invitee_hash),
        body: {
          kind: 'referral',
          domain: event.invitee_domain,
          isSelf,
          referred: isSelf ? null : event.referred_account_id || null,
        },
      };
    }
    case 'billing.subscription_started':
      return subscription(event, 'started');
    case 'billing.subscription_updated':
      return subscription(event, isLost(event, definitions) ? 'ended' : 'updated');
    case 'billing.subscription_ended':
      return subscription(
        { ...event, mrr_minor: 0, currency: event.currency ?? '', plan_id: event.plan_id ?? '' },
        'ended',
      );
    case 'billing.invoice_paid':
      return money(event, {
        kind: 'invoice',
        amountMinor: event.amount_net_minor,
        currency: event.currency,
        purchases: event.purchase_count,
      });
    case 'billing.refund_issued':
      return money(event, {
        kind: 'refund',
        amountMinor: event.amount_minor,
        currency: event.currency,
      });
    case 'billing.dispute_lost':
      return money(event, {
        kind: 'dispute',
        amountMinor: event.amount_minor,
        currency: event.currency,
      });
    case 'lms.course_enrolled':
      return run(event, {
        kind: 'enrolment',
        version: event.course_version,
        enrolmentId: `${event.source}${PART}${event.enrolment_id}`,
      });
    case 'lms.course_started':
    case 'lms.lesson_completed':
      return run(event, { kind: 'activity', version: event.course_version });
    case 'lms.assessment_submitted':
      return event.course_id === null
        ? undefined
        : run(
            { ...event, course_id: event.course_id },
            { kind: 'activity', version: event.course_version },
          );
    case 'lms.course_completed':
      return run(event, { kind: 'completion', version: event.course_version });
    case 'lms.course_unenrolled':
      return run(event, {
        kind: 'unenrolment',
        version: event.course_version,
        isRefund: event.reason.startsWith('refund'),
      });
    case 'support.ticket_created':
      return ticket(event, {
        kind: 'ticket',
        isCounted: event.is_customer_initiated && event.is_support,
      });
    case 'support.ticket_invalidated':
      return ticket(event, { kind: 'invalidation' });
    case 'support.ticket_updated': {
      const body = attributionBody(event);
      return body === undefined ? undefined : ticket(event, body);
    }
    case 'survey.response_submitted':
      return answer(event, definitions);
    case 'fx.rate_published':
      return {
        entity: entityName(ENTITY.rate, event.base, event.quote, event.date),
        body: { kind: 'statement', text: event.rate },
      };
    case 'margin.set':
      return {
        entity: entityName(ENTITY.margin, String(event.valid_from)),
        body: { kind: 'statement', text: event.margin },
      };
    default:
      return undefined;
  }
}

function membership(
  {
    user_id: user,
    account_id: account,
  }: { readonly user_id: string | null; readonly account_id: string | null },
  step: 'joined' | 'left',
): PlacedBody | undefined {
  if (user === null || account === null) return undefined;
  return { entity: entityName(ENTITY.membership, user), body: { kind: 'membership', step } };
}

interface SubscriptionFields {
  readonly source: string;
  readonly subscription_id: string;
  readonly mrr_minor: number;
  readonly currency: string;
  readonly plan_id: string;
  readonly product_id: string | null;
  readonly quantity: number | null;
  readonly change_reason?: string | null;
}

function subscription(
  event: SubscriptionFields,
  step: 'started' | 'updated' | 'ended',
): PlacedBody {
  return {
    entity: entityName(ENTITY.subscription, event.source, event.subscription_id),
    body: {
      kind: 'subscription',
      step,
      mrrMinor: event.mrr_minor,
      currency: event.currency,
      plan: event.plan_id,
      product: event.product_id,
      quantity: event.quantity,
      reason: event.change_reason ?? null,
    },
  };
}

/** Whether a subscription counts as ended because somebody asked for its end (KPI_SPEC 1.7). */
function isLost(
  { cancel_at: cancelAt }: { readonly cancel_at: number | null },
  { churn }: Definitions,
): boolean {
  return churn.recognition === 'cancellation' && cancelAt !== null;
}

function money(event: { source: string; invoice_id: string }, body: FactBody): PlacedBody {
  return { entity: entityName(ENTITY.invoice, event.source, event.invoice_id), body };
}

/** A run needs a user; an event of the account alone (no user) cannot be placed in one. */
function run(
  event: { user_id: string | null; course_id: string },
  body: FactBody,
): PlacedBody | undefined {
  return event.user_id === null
    ? undefined
    : { entity: entityName(ENTITY.courseRun, event.user_id, event.course_id), body };
}

function ticket(event: { source: string; ticket_id: string }, body: FactBody): PlacedBody {
  return { entity: entityName(ENTITY.ticket, event.source, event.ticket_id), body };
}
