import {
  type ComponentRow,
  DEFAULT_DEFINITIONS,
  type Definitions,
  KPIS,
  type SeriesIndex,
  days,
} from '@kpi/core';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { LOG_START } from '../support/company-log-times.ts';
import { companyLog } from '../support/company-log.ts';
import { type LoggedEvent, engineOf } from '../support/core-engine.ts';
import { batchesOf, deliveries } from '../support/delivery.ts';
import { event } from '../support/event.ts';
import { type Inquiry, expectedAnswers, inquiriesOf, faultsOf, picks } from '../support/inquiry.ts';
import { effectiveEvents } from '../support/naive-events.ts';
import { PROPERTY_TIMEOUT_MS, simParameters } from '../support/sim-parameters.ts';
import { OTHER_DEFINITIONS } from '../support/other-definitions.ts';

const TENANT = 'acme';

/** The first question to which the series answer otherwise than the definitions; empty when there is none. */
function disagreement(
  index: SeriesIndex,
  log: readonly LoggedEvent[],
  asked: { definitions: Definitions; inquiries: readonly Inquiry[] },
): readonly object[] {
  for (const expected of expectedAnswers(log, { ...asked, tenantId: TENANT })) {
    if (!index.canAnswer(expected.query)) continue;
    const faults = faultsOf(expected, index.read(expected.query));
    if (faults.length > 0) return faults;
  }
  return [];
}

describe.each([
  ['the default definitions', DEFAULT_DEFINITIONS],
  ['other definitions', OTHER_DEFINITIONS],
])('with %s', (_title, definitions) => {
  test(
    'the live series say at every boundary what the definitions say',
    { timeout: PROPERTY_TIMEOUT_MS },
    () => {
      fc.assert(
        fc.property(companyLog(), deliveries(), picks(8), (log, delivery, chosen) => {
          const { index } = engineOf(batchesOf(log, delivery), { definitions });
          const inquiries = inquiriesOf(log, definitions, chosen);
          expect(disagreement(index, log, { definitions, inquiries })).toEqual([]);
        }),
        simParameters(150),
      );
    },
  );

  test(
    'steps of levels that are rounded up say at every boundary what steps to the ms say',
    { timeout: PROPERTY_TIMEOUT_MS },
    () => {
      fc.assert(
        fc.property(companyLog(), fc.nat({ max: 120 }), picks(8), (log, day, chosen) => {
          const from = LOG_START + days(day);
          const { index } = engineOf([log], { definitions, exact: { from, to: from + days(5) } });
          const inquiries = inquiriesOf(log, definitions, chosen).filter(
            (one) => one.kpiId === 'support_ticket_rate' && one.clipAt === undefined,
          );
          expect(disagreement(index, log, { definitions, inquiries })).toEqual([]);
        }),
        simParameters(100),
      );
    },
  );

  test(
    'an event that moves by 1 ms changes exactly what it should',
    { timeout: PROPERTY_TIMEOUT_MS },
    () => {
      fc.assert(
        fc.property(
          companyLog(),
          fc.record({ which: fc.nat({ max: 99 }), by: fc.constantFrom(-1, 1) }),
          picks(4),
          (log, move, chosen) => {
            const { moved, correction } = moveEvent(log, move);
            const engine = engineOf([log], { definitions });
            const inquiries = inquiriesOf([correction], definitions, chosen);
            expect(disagreement(engine.index, log, { definitions, inquiries })).toEqual([]);
            engine.apply([correction]);
            expect(disagreement(engine.index, moved, { definitions, inquiries })).toEqual([]);
          },
        ),
        simParameters(100),
      );
    },
  );

  test(
    'neither order nor repetition nor the cut into batches matters, and a recount agrees',
    { timeout: PROPERTY_TIMEOUT_MS },
    () => {
      fc.assert(
        fc.property(companyLog(), deliveries(), (log, delivery) => {
          const engine = engineOf(batchesOf(log, delivery), { definitions });
          expect(engine.steps()).toEqual(engineOf([log], { definitions }).steps());
          expect(engine.steps()).toEqual(engine.recount());
        }),
        simParameters(150),
      );
    },
  );

  test('when everything is taken back nothing is left', { timeout: PROPERTY_TIMEOUT_MS }, () => {
    fc.assert(
      fc.property(companyLog(), deliveries(), (log, delivery) => {
        const all = [...log, ...retractions(log)];
        expect(engineOf(batchesOf(all, delivery), { definitions }).steps()).toEqual([]);
      }),
      simParameters(100),
    );
  });

  test('no share lies outside 0 and 1', { timeout: PROPERTY_TIMEOUT_MS }, () => {
    fc.assert(
      fc.property(companyLog(), picks(8), (log, chosen) => {
        const { index } = engineOf([log], { definitions });
        const rows = inquiriesOf(log, definitions, chosen).flatMap(({ kpiId, windowMs, asOf }) => {
          const question = { tenantId: TENANT, kpiId, windowMs, by: [], filter: {}, definitions };
          return index.read({ ...question, asOf }).map((row) => ({ kpiId, row }));
        });
        expect(rows.filter(({ kpiId, row }) => !areShares(kpiId, row))).toEqual([]);
      }),
      simParameters(100),
    );
  });
});

/** The log with one event's time moved, and that event as a correction that replaces it. */
function moveEvent(
  log: readonly LoggedEvent[],
  move: { which: number; by: number },
): { moved: readonly LoggedEvent[]; correction: LoggedEvent } {
  const chosen = log[move.which % log.length];
  if (chosen === undefined) throw new RangeError('the log is empty');
  const at = chosen.event.occurred_at + move.by;
  const later = { ...chosen.event, occurred_at: at, source_version: 9 };
  const correction = { event: later, offset: log.length };
  return { moved: [...log, correction], correction };
}

/** One retraction of each event that counts. */
function retractions(log: readonly LoggedEvent[]): readonly LoggedEvent[] {
  return effectiveEvents(log).map(({ source, event_id, account_id, user_id }, index) => ({
    offset: log.length + index,
    event: event('product.action_performed', {
      event_id: `back-${index}`,
      occurred_at: index,
      retracts: event_id,
      source,
      account_id,
      user_id,
    }),
  }));
}

/** Whether every bounded variant of a KPI has 0 <= numerator <= denominator. */
function areShares(kpiId: string, { components }: ComponentRow): boolean {
  const variants = KPIS.find(({ id }) => id === kpiId)?.variants ?? [];
  return variants
    .filter(({ bounds }) => bounds === undefined)
    .every((variant) => {
      const numerator = variant.numerator(components);
      return numerator >= 0n && numerator <= variant.denominator(components);
    });
}
