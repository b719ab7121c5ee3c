import { EVENT_SUBJECTS, type EventType, Fault } from '@kpi/core';
import { isEventType, namesRequester, parseEnvelope, parseProperties } from '@kpi/kafka';

import type { EdgeEvent } from '../mapping/map-row.ts';

/** Ingest derives an id for an event that has none; any will do to check the rest. */
const ANY_ID = '-';

/** Hold an event against the schemas, as a rehearsal of what ingest says. Undefined when it would be accepted. */
export function checkEvent(event: EdgeEvent): Fault | undefined {
  const type = event['event_type'];
  if (typeof type !== 'string' || !isEventType(type)) {
    const found = JSON.stringify(type ?? null);
    return new Fault('event_type_unknown', `${found} is no event type`, { path: '/event_type' });
  }
  const envelope = parseEnvelope({ ...event, event_id: event['event_id'] ?? ANY_ID });
  if (envelope instanceof Fault) return envelope;
  const missing = namesRequester(type, event['properties'])
    ? undefined
    : missingSubject(type, envelope);
  if (missing !== undefined) return missing;
  // Of a retraction only the envelope counts.
  if (envelope.retracts !== null) return undefined;
  const properties = parseProperties(type, event['properties'] ?? {});
  return properties instanceof Fault ? properties : undefined;
}

interface Subject {
  readonly account_id: string | null;
  readonly user_id: string | null;
}

/** KPI_SPEC 7.1.8: whom an event must name. */
function missingSubject(type: EventType, named: Subject): Fault | undefined {
  const subject = EVENT_SUBJECTS[type];
  const needsAccount = subject === 'account' || subject === 'account_and_user';
  const needsUser = subject === 'user' || subject === 'account_and_user';
  if (needsAccount && named.account_id === null) {
    return new Fault('account_missing', `${type} needs account_id`, { path: '/account_id' });
  }
  if (needsUser && named.user_id === null) {
    return new Fault('subject_missing', `${type} needs user_id`, { path: '/user_id' });
  }
  if (subject !== 'account_or_user' || named.account_id !== null || named.user_id !== null) {
    return undefined;
  }
  return new Fault('subject_missing', `${type} needs account_id or user_id`);
}
