import { type KpiEvent } from '@kpi/core';
import * as fc from 'fast-check';

import { type Theme, draws, eventOf } from './company-log-events.ts';
import { type Draw } from './company-log-parts.ts';

/** A retraction of a retraction of … of an event; longer chains have no meaning (Home). */
const CHAIN_MAX = 4;
const FIRST_RECEIVED_AT = 1_000;

/** What happens to an event that is already in the log: sent again, sent with another payload, or taken back. */
export interface Amendment {
  readonly act: 'repeat' | 'revise' | 'retract';
  readonly target: number;
  readonly draw: Draw;
}

/** An event with its place in the log, and how many retractions the chain that begins with it has. */
export interface Placed {
  readonly draw: Draw;
  /** Without the name of the company. */
  readonly eventId: string;
  readonly event: KpiEvent;
  readonly place: number;
  readonly retractions: number;
}

export function amendments(theme: Theme): fc.Arbitrary<Amendment> {
  return fc.record({
    act: fc.constantFrom('repeat', 'revise', 'retract', 'retract'),
    target: fc.nat({ max: 99 }),
    draw: draws(theme),
  });
}

/** The log with its amendments; each may be about an earlier one. What it names stays within its home. */
export function amend(log: readonly Placed[], amended: readonly Amendment[]): readonly Placed[] {
  const all = [...log];
  for (const [index, amendment] of amended.entries()) {
    const target = all[amendment.target % all.length];
    const made = target && amendedBy(target, { amendment, index, log });
    if (made !== undefined) all.push(made);
  }
  return all;
}

interface Making {
  readonly amendment: Amendment;
  readonly index: number;
  readonly log: readonly Placed[];
}

function amendedBy(target: Placed, making: Making): Placed | undefined {
  const { amendment } = making;
  const { place } = amendment.draw;
  if (isUnnoticed(target, amendment)) return undefined;
  switch (amendment.act) {
    case 'repeat':
      return { ...target, place };
    case 'revise':
      return target.retractions === 0 ? revised(target, making) : redirected(target, making);
    case 'retract':
      return target.retractions < CHAIN_MAX ? retraction(target, making) : undefined;
  }
}

/** What is done in the product is kept compressed: that something replaces it shows by a version only (Home). */
function isUnnoticed({ event }: Placed, { act, draw }: Amendment): boolean {
  const isActivity = event.event_type === 'product.action_performed' && event.retracts === null;
  return isActivity && act === 'revise' && event.source_version + draw.sourceVersion === 0;
}

/** The same key with another payload of the same type in the same home. */
function revised(target: Placed, { amendment, index }: Making): Placed {
  const { kind, who, source } = target.draw;
  const draw = { ...amendment.draw, kind, who, source };
  const stamp = { eventId: target.eventId, receivedAt: FIRST_RECEIVED_AT + index };
  return { ...target, draw, event: eventOf(draw, stamp), place: draw.place };
}

/** A retraction that now names another event of its home. */
function redirected(target: Placed, { amendment, index, log }: Making): Placed | undefined {
  const others = log.filter(
    ({ event }) =>
      event.source === target.event.source &&
      event.account_id === target.event.account_id &&
      event.user_id === target.event.user_id,
  );
  const other = others[amendment.draw.which % Math.max(1, others.length)];
  if (other === undefined) return undefined;
  const { place, sourceVersion } = amendment.draw;
  const event = {
    ...target.event,
    retracts: other.event.event_id,
    source_version: sourceVersion,
    received_at: FIRST_RECEIVED_AT + index,
  };
  return { ...target, event, place };
}

function retraction(target: Placed, { amendment, index }: Making): Placed {
  const { at, place, company } = amendment.draw;
  const eventId = `r${(index * 7) % 11}`;
  const event = {
    ...target.event,
    event_id: company + eventId,
    retracts: target.event.event_id,
    occurred_at: at,
    received_at: FIRST_RECEIVED_AT + index,
  };
  return { draw: target.draw, eventId, event, place, retractions: target.retractions + 1 };
}
