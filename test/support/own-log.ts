import { type KpiEvent } from '@kpi/core';
import { recordKey } from '@kpi/kafka';
import * as fc from 'fast-check';

import { pick } from './company-log-parts.ts';
import { companyLog } from './company-log.ts';
import { type LoggedEvent } from './core-engine.ts';
import { event as eventWith } from './event.ts';

/** What attributes are made of: values that divide, that are cut or cleaned, and numbers in every shape. */
export const REGIONS = ['north', 'south', 'south', '', 'a\u001Fb', 'ä😀'.repeat(40)] as const;
const TOKENS = ['12', '12', '-3', '007', '99999', '1.5', 'many', '1234567890123456'] as const;
const FIRST_RECEIVED_AT = 5_000;

/**
 * Logs of a company for KPIs of one's own: events carry attributes, and what is done in the product is corrected and taken back,
 * too. Versions of an event, and what takes it back, stay in its home.
 */
export function ownLog(
  logs: fc.Arbitrary<readonly LoggedEvent[]> = companyLog(),
): fc.Arbitrary<readonly LoggedEvent[]> {
  return fc.tuple(logs, fc.nat({ max: 9_999 })).map(([log, seed]) => {
    const payloads = new Map<string, number>();
    const attributed = log.map((one) => {
      const { source, event_id, source_version, received_at } = one.event;
      const payload = JSON.stringify([source, event_id, source_version, received_at]);
      // What is sent twice says the same twice.
      const number = payloads.get(payload) ?? payloads.size;
      payloads.set(payload, number);
      return { ...one, event: withAttributes(one.event, seed + number) };
    });
    return stayingHome([...attributed, ...amendedActions(attributed, seed)]);
  });
}

function withAttributes(event: KpiEvent, at: number): KpiEvent {
  const attributes = {
    ...(at % 4 !== 0 && { region: pick(REGIONS, at) }),
    ...(at % 5 !== 0 && { tokens: pick(TOKENS, 7 * at + 3) }),
  };
  return { ...event, attributes };
}

/**
 * Corrections of actions say the same action of the same worth, at another time or with other attributes. One of another time has a
 * higher version, without which nobody knows that activity is corrected.
 */
function amendedActions(log: readonly LoggedEvent[], seed: number): readonly LoggedEvent[] {
  const actions = log.flatMap(({ event }) =>
    event.event_type === 'product.action_performed' && event.retracts === null ? [event] : [],
  );
  return actions.flatMap((action, index): readonly LoggedEvent[] => {
    const turn = (seed + index) % 5;
    const stamp = { received_at: FIRST_RECEIVED_AT + index };
    const offset = log.length + 2 * index;
    const taken = {
      ...action,
      ...stamp,
      event_id: `back-${action.event_id}`,
      retracts: action.event_id,
    };
    const moved = pick([0, -1, 86_400_000], index);
    const revised = withAttributes(
      {
        ...action,
        ...stamp,
        occurred_at: action.occurred_at + moved,
        source_version: action.source_version + (moved === 0 ? 0 : 1),
      },
      seed + 3 * index,
    );
    if (turn === 0) return [{ event: taken, offset }];
    if (turn === 1) return [{ event: revised, offset }];
    return turn === 2
      ? [
          { event: taken, offset },
          {
            event: { ...taken, event_id: `re${action.event_id}`, retracts: taken.event_id },
            offset: offset + 1,
          },
        ]
      : [];
  });
}

/** Without versions of an event in another home than the first, and without retractions from there. */
function stayingHome(log: readonly LoggedEvent[]): readonly LoggedEvent[] {
  const homes = new Map<string, string>();
  const kept = log.filter(({ event }) => {
    if (isMerge(event)) return true;
    const key = JSON.stringify([event.source, event.event_id]);
    const home = homes.get(key) ?? recordKey(event);
    homes.set(key, home);
    return home === recordKey(event);
  });
  return kept.filter(({ event }) => {
    if (isMerge(event)) return true;
    const target = homes.get(JSON.stringify([event.source, event.retracts]));
    return target === undefined || target === recordKey(event);
  });
}

/** They have a home of each side. */
function isMerge({ event_type: type }: KpiEvent): boolean {
  return type === 'account.merged' || type === 'user.merged';
}

/** One retraction of each event given. */
export function takingBack(
  events: readonly KpiEvent[],
  firstOffset: number,
): readonly LoggedEvent[] {
  return events.map(({ tenant_id, source, event_id, account_id, user_id }, index) => ({
    offset: firstOffset + index,
    event: eventWith('product.action_performed', {
      event_id: `gone-${index}`,
      occurred_at: index,
      retracts: event_id,
      tenant_id,
      source,
      account_id,
      user_id,
    }),
  }));
}
