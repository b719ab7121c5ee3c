import { type EventOf, type KpiEvent, type Subject } from '@kpi/core';
import { type ErasureRequest, type Erasures } from '@kpi/redis';

/** Events as they may be written, and the erasures that they ask for. */
interface MaskedEvents {
  readonly masked: readonly KpiEvent[];
  /** To be asked for once the events are acknowledged. */
  readonly asked: readonly ErasureRequest[];
}

/** What asks for an erasure must not keep the name that is to be forgotten: the salted hash stands in its place. */
export async function withoutName(
  erasures: Erasures,
  events: readonly KpiEvent[],
): Promise<MaskedEvents> {
  if (!events.some(isErasure)) return { masked: events, asked: [] };
  const asked: ErasureRequest[] = [];
  const masked: KpiEvent[] = [];
  for (const event of events) {
    if (!isErasure(event)) {
      masked.push(event);
      continue;
    }
    const { tenant_id: tenantId, source, received_at: at } = event;
    const subject = subjectOf(event);
    // An erasure cannot be taken back.
    if (event.retracts === null) asked.push({ tenantId, subject, by: `source ${source}`, at });
    const hash = `erased:${await erasures.hashOf(tenantId, subject)}`;
    const { kind } = subject;
    masked.push({
      ...event,
      event_id: hash,
      account_id: kind === 'account' ? hash : null,
      user_id: kind === 'user' ? hash : null,
      anonymous_id: null,
      external_ids: {},
      attributes: {},
    });
  }
  return { masked, asked };
}

export async function requestErasures(
  erasures: Erasures,
  asked: readonly ErasureRequest[],
): Promise<void> {
  for (const request of asked) await erasures.request(request);
}

function isErasure(event: KpiEvent): event is EventOf<'subject.erased'> {
  return event.event_type === 'subject.erased';
}

function subjectOf({ user_id: user, account_id: account }: EventOf<'subject.erased'>): Subject {
  return user === null ? { kind: 'account', id: account ?? '' } : { kind: 'user', id: user };
}
