import { ACCOUNT_FIELDS, REQUESTER_FIELD } from './attribution.ts';
import { type KpiEvent } from './events.gen.ts';

/** Whom events name: an account or a user of a tenant. */
export interface Subject {
  readonly kind: 'account' | 'user';
  readonly id: string;
}

/** Whether a subject of a tenant was erased: nothing that names it is kept or counted (KPI_SPEC 7.1.6). */
export type IsErased = (tenantId: string, subject: Subject) => boolean;

/** Whether an event names somebody who was erased, in whatever field. */
export function namesErased(event: KpiEvent, isErased: IsErased): boolean {
  return subjectsOf(event).some((subject) => isErased(event.tenant_id, subject));
}

/** All whom an event names. */
export function subjectsOf(event: KpiEvent): readonly Subject[] {
  const named: Subject[] = [];
  const add = (kind: Subject['kind'], ids: readonly (string | null)[]): void => {
    for (const id of ids) if (id !== null && id !== '') named.push({ kind, id });
  };
  add('account', [event.account_id]);
  add('user', [event.user_id]);
  switch (event.event_type) {
    case 'account.merged':
      add('account', [event.from_account_id, event.into_account_id]);
      break;
    case 'user.merged':
      add('user', [event.from_user_id, event.into_user_id]);
      break;
    case 'referral.sent':
    case 'referral.converted':
      add('account', [event.referred_account_id]);
      break;
    case 'support.ticket_created':
      add('user', [event.requester_user_id]);
      break;
    case 'support.ticket_updated':
      if (event.field === REQUESTER_FIELD) add('user', [event.from, event.to]);
      if (ACCOUNT_FIELDS.has(event.field)) add('account', [event.from, event.to]);
      add('account', [event.from_account_id, event.into_account_id]);
      break;
    default:
  }
  return named;
}
