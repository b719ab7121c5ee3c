import { Fault } from '@kpi/core';
import { type DeadLetter, deadLetterOf } from '@kpi/kafka';

import { type ReceivedBatch } from './request-body.ts';

interface Refusal {
  readonly value: Fault;
  readonly tenantId: string;
  readonly refusedAtMs: number;
}

/** One event of a request that is refused: its own bytes, and what can be said of it. */
export interface RefusedEvent extends Refusal {
  readonly batch: ReceivedBatch;
  readonly index: number;
}

/** A body in which no event could be found. */
export interface RefusedBody extends Refusal {
  readonly body: Buffer;
}

export function eventLetter(refused: RefusedEvent): DeadLetter {
  const { batch, index, tenantId, refusedAtMs } = refused;
  const fields = batch.events[index];
  const text = (name: string): string | null => {
    const found = fields instanceof Fault ? undefined : fields?.[name];
    return typeof found === 'string' ? found : null;
  };
  return deadLetterOf({
    fault: batch.describe(refused.value),
    origin: { kind: 'http' },
    body: batch.rawOf(index),
    contentType: batch.contentType,
    source: text('source'),
    eventId: text('event_id'),
    eventType: text('event_type'),
    tenantId,
    refusedAtMs,
  });
}

export function bodyLetter({ value, body, tenantId, refusedAtMs }: RefusedBody): DeadLetter {
  return deadLetterOf({
    fault: value,
    origin: { kind: 'http' },
    body,
    contentType: 'application/json',
    source: null,
    eventId: null,
    tenantId,
    refusedAtMs,
  });
}
