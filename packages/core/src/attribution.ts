import { type EventOf } from './events.gen.ts';
import { type FactBody } from './fact.ts';

/** Fields of a ticket that say whose it is. An organization is an account. */
export const ACCOUNT_FIELDS: ReadonlySet<string> = new Set(['account_id', 'organization_id']);

/** Accounts between which a ticket is moved; `to` is empty when it is nobody's from then on. */
export interface Attribution {
  readonly from: string;
  readonly to: string;
}

/**
 * Between which accounts an update moves a ticket (KPI_SPEC 7.2). Whose it was is `from` or, where that is not stated, the account of
 * the event, if it is another one. Undefined of any other update, and where it cannot be told whose the ticket was: whoever counts it
 * would not hear of it.
 */
export function attributionOf(event: EventOf<'support.ticket_updated'>): Attribution | undefined {
  if (!ACCOUNT_FIELDS.has(event.field)) return undefined;
  const to = event.to ?? '';
  const other = event.account_id === to ? null : event.account_id;
  const from = event.from || other;
  return from === null ? undefined : { from, to };
}

/** Another version of an update that moved a ticket must replace it, whatever it says. */
export function attributionBody(event: EventOf<'support.ticket_updated'>): FactBody | undefined {
  const moved = attributionOf(event);
  if (moved !== undefined) return { kind: 'attribution', ...moved };
  return event.source_version > 0 ? { kind: 'void' } : undefined;
}
