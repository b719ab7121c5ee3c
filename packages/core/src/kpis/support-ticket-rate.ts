import { type Kpi, defineKpi } from '../catalogue.ts';
import { DAY_MS, days, hours } from '../duration.ts';
import { type Dimensions, NO_VALUE } from '../kpi.ts';
import { type Measure, whileKnown } from '../measure.ts';
import { inWindow } from '../span.ts';
import { type Ticket } from '../tickets.ts';
import { type ExposurePiece } from '../units.ts';

const UNPLACED: Dimensions = { trained: NO_VALUE, tenure: NO_VALUE, plan: NO_VALUE };

function dimensionsOf(piece: ExposurePiece | undefined): Dimensions {
  return piece?.dimensions ?? UNPLACED;
}

type Placed = {
  readonly ticket: Ticket;
  readonly hasAccount: boolean;
  readonly piece: ExposurePiece | undefined;
};

/** Counts a ticket while it lies in the window and the condition on its place holds. */
function ofTicket(isCounted: (placed: Placed) => boolean): Measure {
  return {
    unit: 'ticket',
    kind: 'count',
    intervals: (placed, { windowMs }) =>
      isCounted(placed)
        ? whileKnown(placed.ticket, inWindow(placed.ticket.at, windowMs), {
            dimensions: dimensionsOf(placed.piece),
          })
        : [],
  };
}

/** Customer-initiated tickets per 100 account-days of active time. */
export const supportTicketRate: Kpi = defineKpi({
  id: 'support_ticket_rate',
  version: 1,
  title: 'Support ticket rate',
  description:
    'Customer-initiated tickets per 100 days of active account time (person-time). Training, tenure and plan are those of the moment: an account gives untrained time before its first completed course and trained time after it.',
  formula: '100 x tickets in [t - W, t) / days of active account time in [t - W, t)',
  rules: [
    'An account gives untrained time before its first completed course and trained time after it; it is never sorted by what it became later.',
    'A course that a member completed elsewhere, or before joining, trains the account from when the member belongs to it; it stays trained when the member leaves.',
    'Tickets by agents, spam, merged duplicates and what is no support do not count; an invalidated ticket never was one.',
    'Tickets of inactive accounts and of no known account are counted apart; more than 5 % of the latter make the value suspect.',
    "A ticket that is moved to another account (support.ticket_updated of account_id, organization_id or requester_user_id) is that account's from then on, in its training, tenure and plan when the ticket was opened; one that is taken from its account and given to none counts nowhere.",
    'Tenure begins anew when an account comes back.',
  ],
  unit: 'per_100_account_days',
  dimensions: ['trained', 'tenure', 'plan'],
  windows: [hours(24), days(7), days(28)],
  defaultWindowMs: days(28),
  lookBackMs: (windowMs) => windowMs,
  events: [
    'support.ticket_created',
    'support.ticket_updated',
    'lms.course_completed',
    'user.joined_account',
    'user.left_account',
    'billing.subscription_started',
    'billing.subscription_updated',
    'billing.subscription_ended',
  ],
  measures: {
    tickets: ofTicket(({ piece }) => piece !== undefined),
    account_not_active: ofTicket(({ piece, hasAccount }) => piece === undefined && hasAccount),
    unresolved_account: ofTicket(({ hasAccount }) => !hasAccount),
    exposure_ms: {
      unit: 'exposure',
      kind: 'level',
      intervals: ({ exposure }) =>
        exposure.map((piece) => ({
          from: piece.from,
          to: piece.to,
          weight: 1,
          dimensions: dimensionsOf(piece),
        })),
    },
    accounts: {
      unit: 'exposure',
      kind: 'distinct',
      intervals: ({ exposure }, { windowMs }) =>
        exposure.map((piece) => ({
          from: piece.from + 1,
          to: piece.to + windowMs,
          weight: 1,
          dimensions: dimensionsOf(piece),
        })),
    },
  },
  components: ['tickets', 'exposure_ms', 'accounts', 'account_not_active', 'unresolved_account'],
  variants: [
    {
      name: '',
      title: 'Tickets per 100 account-days',
      numerator: (components) => components['tickets'] ?? 0n,
      denominator: (components) => components['exposure_ms'] ?? 0n,
      scale: 100 * DAY_MS,
      n: (components) => components['accounts'] ?? 0n,
      interval: 'garwood',
      bounds: { low: 0n, high: null },
    },
  ],
  excluded: ['account_not_active', 'unresolved_account'],
});
