import { type EventType, hours } from '@kpi/core';

import { hash32 } from './random.ts';

/** A property of an event as it goes over the wire. */
export type Property = string | number | boolean;

/** An event in company time, before its instants are written as text. All times in ms. */
export interface Draft {
  /** Deterministic: the same seed always gives the same id. */
  readonly id: string;
  readonly type: EventType;
  readonly source: string;
  /** When it happened. */
  readonly at: number;
  /** When the source reports it; later than `at` for late events and repetitions. */
  readonly sendAt: number;
  readonly accountId?: string;
  readonly userId?: string;
  readonly properties: Readonly<Record<string, Property>>;
  /** Properties that are instants, in company time. */
  readonly instants?: Readonly<Record<string, number>>;
  /** Id of the event of the same source that this one takes back. */
  readonly retracts?: string;
}

/** A draft with whole milliseconds, reported the moment it happens unless `sendAt` says otherwise. */
export function draft(fields: Omit<Draft, 'sendAt'> & { readonly sendAt?: number }): Draft {
  return { ...fields, at: Math.floor(fields.at), sendAt: Math.floor(fields.sendAt ?? fields.at) };
}

const REPEATED_ONE_IN = 100;
const REPEATED_AFTER_MS = hours(6);

/** One event in a hundred is reported a second time, as webhooks are: the same id, a few hours later. */
export function withRepetition(event: Draft): readonly Draft[] {
  if (hash32(event.id) % REPEATED_ONE_IN !== 0) return [event];
  return [event, { ...event, sendAt: event.sendAt + REPEATED_AFTER_MS }];
}
