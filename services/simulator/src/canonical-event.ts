import type { Draft, Property } from './draft.ts';
import { type Timeline, toWall } from './timeline.ts';

/** An event as `POST /v1/events` takes it (KPI_SPEC 4.1). */
export interface CanonicalEvent {
  readonly event_id: string;
  readonly event_type: string;
  readonly source: string;
  readonly occurred_at: string;
  readonly account_id?: string;
  readonly user_id?: string;
  readonly retracts?: string;
  readonly properties: Readonly<Record<string, Property>>;
}

/** Write a draft for the wire, its instants moved to where the timeline puts them. */
export function toCanonicalEvent(draft: Draft, timeline: Timeline): CanonicalEvent {
  const instants = Object.entries(draft.instants ?? {}).map(
    ([name, at]) => [name, isoAt(toWall(timeline, at, draft.at))] as const,
  );
  return {
    event_id: draft.id,
    event_type: draft.type,
    source: draft.source,
    occurred_at: isoAt(toWall(timeline, draft.at)),
    ...(draft.accountId === undefined ? {} : { account_id: draft.accountId }),
    ...(draft.userId === undefined ? {} : { user_id: draft.userId }),
    ...(draft.retracts === undefined ? {} : { retracts: draft.retracts }),
    properties:
      instants.length === 0
        ? draft.properties
        : { ...draft.properties, ...Object.fromEntries(instants) },
  };
}

function isoAt(wallMs: number): string {
  return new Date(wallMs).toISOString();
}
