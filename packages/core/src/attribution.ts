import { type EventOf } from './events.gen.ts';
import { type FactBody } from './fact.ts';

/** Fields of a ticket whose values are accounts. An organization is one. */
export const ACCOUNT_FIELDS: ReadonlySet<string> = new Set(['account_id', 'organization_id']);
/** The field whose values are users: of which accounts they were stands beside. */
export const REQUESTER_FIELD = 'requester_user_id';

/** Accounts between which a ticket is moved; `to` is empty when it is nobody's from then on. */
export interface Attribution {
  readonly from: string;
  readonly to: string;
}

/**
 * Between which accounts an update moves a ticket (KPI_SPEC 7.2). Whose it was is what it says: `from_account_id`, else the value
 * before, else the account of the event, if it is another one than whose the ticket is now. Undefined of any other update, and where
 * it cannot be told whose the ticket was: whoever counts it would not hear of it.
 */
export function attributionOf(event: EventOf<'support.ticket_updated'>): Attribution | undefined {
  const { field, from_account_id: from, into_account_id: into } = event;
  if (field === REQUESTER_FIELD) return from === null ? undefined : { from, to: into ?? '' };
  if (!ACCOUNT_FIELDS.has(field)) return undefined;
  const to = into ?? event.to ?? '';
  const other = event.account_id === to ? null : event.account_id;
  const stated = from || event.from || other;
  return stated === null ? undefined : { from: stated, to };
}

/** A higher version of an update that moved a ticket must replace it, whatever it says. */
export function attributionBody(event: EventOf<'support.ticket_updated'>): FactBody | undefined {
  const moved = attributionOf(event);
  if (moved !== undefined) return { kind: 'attribution', ...moved };
  return event.source_version > 0 ? { kind: 'void' } : undefined;
}
