import { DAY_MS, DEFAULT_DEFINITIONS, HOUR_MS, type KpiEvent, days, namesErased } from '@kpi/core';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';

import { LOG_START, instants } from '../support/company-log-times.ts';
import { engineOf, logged } from '../support/core-engine.ts';
import { batchesOf, deliveries } from '../support/delivery.ts';
import { event } from '../support/event.ts';
import { expectedAnswers, faultsOf, inquiriesOf, picks } from '../support/inquiry.ts';
import { PROPERTY_TIMEOUT_MS, simParameters } from '../support/sim-parameters.ts';

const ACCOUNTS = ['acct-a', 'acct-b', 'acct-c', 'acct-d'] as const;
/** Who opens each ticket, always. */
const OPENERS = { t0: 'acct-a', t1: 'acct-b' } as const;
const TICKETS = ['t0', 't1'] as const;

const LIVES: readonly KpiEvent[] = ACCOUNTS.map((account_id, index) =>
  event('billing.subscription_started', {
    event_id: `paid-${account_id}`,
    occurred_at: LOG_START - days(30),
    account_id,
    subscription_id: account_id,
    plan_id: index % 2 === 0 ? 'pro' : 'team',
  }),
);

interface Step {
  readonly kind: 'open' | 'move' | 'spam' | 'merge' | 'again' | 'retract';
  readonly ticket: (typeof TICKETS)[number];
  readonly at: number;
  readonly from: (typeof ACCOUNTS)[number];
  readonly to: (typeof ACCOUNTS)[number] | null;
  readonly isStated: boolean;
  readonly target: number;
}

const steps = fc.array(
  fc.record<Step>({
    kind: fc.constantFrom('open', 'move', 'move', 'move', 'spam', 'merge', 'again', 'retract'),
    ticket: fc.constantFrom(...TICKETS),
    at: instants({ basesMs: [0, 60_000], leapsMs: [0, 0, 1, 7, 28].map(days) }),
    from: fc.constantFrom(...ACCOUNTS),
    to: fc.constantFrom(...ACCOUNTS, null),
    isStated: fc.boolean(),
    target: fc.nat({ max: 99 }),
  }),
  { minLength: 2, maxLength: 14 },
);

/** Moves from and to any account: along chains, back again, and such that begin where the ticket never was. */
function eventsOf(drawn: readonly Step[]): readonly KpiEvent[] {
  const events: KpiEvent[] = [];
  for (const [index, step] of drawn.entries()) {
    const made = eventOf(step, index, events);
    if (made !== undefined) events.push(made);
  }
  return events;
}

function eventOf(step: Step, index: number, before: readonly KpiEvent[]): KpiEvent | undefined {
  const { ticket: ticket_id, at: occurred_at, from, to } = step;
  const origin = { event_id: `e${(index * 37) % 101}`, occurred_at, received_at: index };
  const envelope = { ...origin, ticket_id };
  const opener = OPENERS[ticket_id];
  const target = before[step.target % Math.max(1, before.length)];
  switch (step.kind) {
    case 'open':
      return event('support.ticket_created', { ...envelope, account_id: opener });
    case 'spam':
      return event('support.ticket_invalidated', { ...envelope, account_id: opener });
    case 'move':
      return event('support.ticket_updated', {
        ...envelope,
        account_id: step.isStated ? 'acct-d' : from,
        from: step.isStated ? from : null,
        to,
        field: step.isStated ? 'account_id' : 'organization_id',
      });
    case 'merge':
      return to === null || to === from
        ? undefined
        : event('account.merged', {
            ...origin,
            account_id: from,
            from_account_id: from,
            into_account_id: to,
          });
    case 'again':
      // Another version says something else of the same; it begins where the first one did.
      return target?.event_type === 'support.ticket_updated' && target.retracts === null
        ? Object.assign({}, target, {
            occurred_at,
            received_at: index,
            source_version: target.source_version + 1,
            to: to === target.account_id && target.from === null ? null : to,
          })
        : undefined;
    case 'retract':
      return target === undefined
        ? undefined
        : Object.assign({}, target, {
            ...origin,
            retracts: target.event_id,
          });
  }
}

const logs = fc
  .tuple(steps, fc.array(fc.nat({ max: 999 }), { minLength: 20, maxLength: 20 }))
  .map(([drawn, places]) => {
    const events = [...LIVES, ...eventsOf(drawn)];
    const order = events.map((one, index) => ({ one, place: places[index] ?? 0 }));
    return logged(order.toSorted((a, b) => a.place - b.place).map(({ one }) => one));
  });

const untold = fc.nat({ max: 6 });

test(
  'a ticket counts at every boundary for the account that has it by then, in whatever order that becomes known',
  { timeout: PROPERTY_TIMEOUT_MS },
  () => {
    fc.assert(
      fc.property(logs, deliveries(), untold, picks(8), (log, delivery, batches, chosen) => {
        const engine = engineOf(batchesOf(log, delivery), { batchesUntold: batches });
        expect(engine.steps()).toEqual(engine.recount());
        const inquiries = inquiriesOf(log, DEFAULT_DEFINITIONS, chosen).filter(
          ({ kpiId }) => kpiId === 'support_ticket_rate',
        );
        const asked = { definitions: DEFAULT_DEFINITIONS, inquiries, tenantId: 'acme' };
        for (const expected of expectedAnswers(log, asked)) {
          if (!engine.index.canAnswer(expected.query)) continue;
          expect(faultsOf(expected, engine.index.read(expected.query))).toEqual([]);
        }
      }),
      simParameters(300),
    );
  },
);

test('the same if an account is erased meanwhile', { timeout: PROPERTY_TIMEOUT_MS }, () => {
  fc.assert(
    fc.property(
      logs,
      deliveries(),
      fc.record({ untold, gone: fc.constantFrom(...ACCOUNTS), after: fc.nat({ max: 99 }) }),
      (all, delivery, { untold: batchesUntold, gone, after }) => {
        // Who a merge names, and what becomes of it, is asked of whole companies (core-erasure.test.ts). A correction that is still
        // told while what it corrects is erased may be told too late (ARCHITECTURE.md, not there yet).
        const log = all.filter(
          ({ event: one }) => one.event_type !== 'account.merged' && one.source_version === 0,
        );
        const isErased = (_tenant: string, { kind, id }: { kind: string; id: string }): boolean =>
          kind === 'account' && id === gone;
        const batches = batchesOf(log, delivery);
        const place = after % (batches.length + 1);
        const engine = engineOf(batches.slice(0, place), { batchesUntold });
        engine.erase(isErased);
        for (const batch of batches.slice(place)) engine.apply(batch);
        const left = log.filter(({ event: one }) => !namesErased(one, isErased));
        expect(engine.steps()).toEqual(engineOf([left]).steps());
        expect(engine.contents()).not.toContain(gone);
      },
    ),
    simParameters(300),
  );
});

const stamp = (event_id: string, at: number) => ({
  event_id,
  occurred_at: LOG_START + at,
  account_id: 'acct-a',
});
const opened = event('support.ticket_created', { ...stamp('e1', 0), ticket_id: 't0' });
const moved = (event_id: string, at: number, [from, to]: readonly [string, string]) =>
  event('support.ticket_updated', { ...stamp(event_id, at), ticket_id: 't0', from, to });

/** Plans of the accounts that have a ticket: `pro` of acct-a and acct-c, `team` of the others. */
function plansAt(events: readonly KpiEvent[], at: number): readonly (readonly string[])[] {
  const engine = engineOf(logged([...LIVES, ...events]).map((one) => [one]));
  expect(engine.steps()).toEqual(engine.recount());
  return engine.index
    .read({
      tenantId: 'acme',
      kpiId: 'support_ticket_rate',
      windowMs: days(7),
      asOf: [LOG_START + at],
      by: ['plan'],
      filter: {},
      definitions: DEFAULT_DEFINITIONS,
    })
    .filter(({ components }) => (components['tickets'] ?? 0n) > 0n)
    .map(({ group }) => group);
}

test('moving a ticket to an account and back leaves a gap of just that time', () => {
  const there = moved('e2', DAY_MS, ['acct-a', 'acct-b']);
  const back = moved('e3', 2 * DAY_MS, ['acct-b', 'acct-a']);
  const at = (time: number) => plansAt([opened, there, back], time);
  expect(at(DAY_MS)).toEqual([['pro']]);
  expect(at(DAY_MS + HOUR_MS)).toEqual([['team']]);
  expect(at(2 * DAY_MS + HOUR_MS)).toEqual([['pro']]);
  expect(at(days(7))).toEqual([['pro']]);
  expect(at(days(7) + HOUR_MS)).toEqual([]);
});

test('a move by the name that an account has since a merge moves nothing once the merge is taken back', () => {
  const merge = event('account.merged', {
    ...stamp('m1', 0),
    from_account_id: 'acct-a',
    into_account_id: 'acct-b',
  });
  const events = [opened, merge, moved('e2', DAY_MS, ['acct-b', 'acct-d'])];
  // Of two subscriptions that are open for as long it is the plan of the first by name.
  expect(plansAt(events, DAY_MS)).toEqual([['pro']]);
  expect(plansAt(events, DAY_MS + HOUR_MS)).toEqual([['team']]);
  const undone = { ...merge, event_id: 'm2', retracts: 'm1' };
  expect(plansAt([...events, undone], DAY_MS + HOUR_MS)).toEqual([['pro']]);
});

test('a creation that is corrected to be that of another ticket takes the moved one along', () => {
  const there = moved('e2', DAY_MS, ['acct-a', 'acct-b']);
  const other = { ...opened, source_version: 1, ticket_id: 'other', is_support: false };
  expect(plansAt([opened, there], DAY_MS + HOUR_MS)).toEqual([['team']]);
  expect(plansAt([opened, there, other], DAY_MS + HOUR_MS)).toEqual([]);
});

test('a move from an account that has not had the ticket moves nothing, also when a later one leads on from there', () => {
  const stray = moved('e2', DAY_MS, ['acct-b', 'acct-d']);
  const back = moved('e3', 2 * DAY_MS, ['acct-d', 'acct-a']);
  expect(plansAt([opened, stray], DAY_MS + HOUR_MS)).toEqual([['pro']]);
  expect(plansAt([opened, stray, back], DAY_MS + HOUR_MS)).toEqual([['pro']]);
  expect(plansAt([opened, stray, back], 3 * DAY_MS)).toEqual([['pro']]);
});

test('whoever reported a move takes it back by its own account alone', () => {
  const reporter = { account_id: 'acct-d' };
  const there = { ...moved('e2', DAY_MS, ['acct-a', 'acct-b']), ...reporter };
  const undone = { ...there, event_id: 'e3', retracts: 'e2', from: null, to: null };
  expect(plansAt([opened, there], DAY_MS + HOUR_MS)).toEqual([['team']]);
  expect(plansAt([opened, there, undone], DAY_MS + HOUR_MS)).toEqual([['pro']]);
  expect(plansAt([undone, opened, there], DAY_MS + HOUR_MS)).toEqual([['pro']]);
});
