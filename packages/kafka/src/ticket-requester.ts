import { type EventType } from '@kpi/core';

/** Whether a new ticket names who requested it: that is its user where it names no other (KPI_SPEC 7.7.8). */
export function namesRequester(type: EventType, properties: unknown): boolean {
  if (type !== 'support.ticket_created') return false;
  if (typeof properties !== 'object' || properties === null) return false;
  const requester: unknown = Reflect.get(properties, 'requester_user_id');
  return requester !== undefined && requester !== null;
}
