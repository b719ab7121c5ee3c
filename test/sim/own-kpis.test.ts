import { DEFAULT_DEFINITIONS, type Definitions, type OwnKpi, problemsOf } from '@kpi/core';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';

import { Census } from '../support/census.ts';
import { type CoreEngine, type LoggedEvent, engineOf } from '../support/core-engine.ts';
import { batchesOf, deliveries } from '../support/delivery.ts';
import { faultsOf, picks } from '../support/inquiry.ts';
import { effectiveEvents } from '../support/naive-events.ts';
import { expectedOwnAnswers } from '../support/own-answers.ts';
import { logWithOwnKpis } from '../support/own-kpis.ts';
import { ownLog, takingBack } from '../support/own-log.ts';
import { PROPERTY_TIMEOUT_MS, simParameters } from '../support/sim-parameters.ts';

const TENANT = 'acme';

function withOwn(ownKpis: readonly OwnKpi[]): Definitions {
  return { ...DEFAULT_DEFINITIONS, ownKpis };
}

/** The first question to which the series answer otherwise than the declarations; empty when there is none. */
function disagreement(
  { index }: CoreEngine,
  log: readonly LoggedEvent[],
  asked: { definitions: Definitions; chosen: readonly number[] },
): readonly object[] {
  for (const expected of expectedOwnAnswers(log, { ...asked, tenantId: TENANT })) {
    if (!index.canAnswer(expected.query)) continue;
    const faults = faultsOf(expected, index.read(expected.query));
    if (faults.length > 0) return faults;
  }
  return [];
}

test(
  'the live series say at every boundary what the declarations say',
  { timeout: PROPERTY_TIMEOUT_MS },
  () => {
    fc.assert(
      fc.property(
        logWithOwnKpis(ownLog()),
        deliveries(),
        picks(6),
        ({ log, own }, delivery, chosen) => {
          expect(problemsOf(own)).toEqual([]);
          const definitions = withOwn(own);
          const engine = engineOf(batchesOf(log, delivery), { definitions });
          expect(disagreement(engine, log, { definitions, chosen })).toEqual([]);
        },
      ),
      simParameters(150),
    );
  },
);

test(
  'neither order nor repetition nor the cut into batches matters, and a recount agrees',
  { timeout: PROPERTY_TIMEOUT_MS },
  () => {
    fc.assert(
      fc.property(logWithOwnKpis(ownLog()), deliveries(), ({ log, own }, delivery) => {
        const definitions = withOwn(own);
        const engine = engineOf(batchesOf(log, delivery), { definitions });
        expect(engine.steps()).toEqual(engineOf([log], { definitions }).steps());
        expect(engine.steps()).toEqual(engine.recount());
      }),
      simParameters(150),
    );
  },
);

test(
  'an event that moves by 1 ms changes exactly what it should',
  { timeout: PROPERTY_TIMEOUT_MS },
  () => {
    fc.assert(
      fc.property(
        logWithOwnKpis(ownLog()),
        fc.record({ which: fc.nat({ max: 99 }), by: fc.constantFrom(-1, 1) }),
        picks(4),
        ({ log, own }, { which, by }, chosen) => {
          const definitions = withOwn(own);
          const engine = engineOf([log], { definitions });
          const moved = log[which % log.length];
          if (moved === undefined) throw new RangeError('the log is empty');
          const occurred_at = moved.event.occurred_at + by;
          const event = { ...moved.event, occurred_at, source_version: 9 };
          const correction = { event, offset: 2 * log.length };
          engine.apply([correction]);
          const later = [...log, correction];
          expect(disagreement(engine, later, { definitions, chosen })).toEqual([]);
        },
      ),
      simParameters(100),
    );
  },
);

test(
  'members add up to what the declarations say, whole, split and filtered',
  { timeout: PROPERTY_TIMEOUT_MS },
  () => {
    fc.assert(
      fc.property(logWithOwnKpis(ownLog()), picks(3), ({ log, own }, chosen) => {
        const definitions = withOwn(own);
        const census = new Census(log, definitions);
        for (const expected of expectedOwnAnswers(log, { tenantId: TENANT, definitions, chosen }))
          expect(faultsOf(expected, census.rows(expected.query))).toEqual([]);
      }),
      simParameters(40),
    );
  },
);

test('when everything is taken back nothing is left', { timeout: PROPERTY_TIMEOUT_MS }, () => {
  fc.assert(
    fc.property(logWithOwnKpis(ownLog()), deliveries(), ({ log, own }, delivery) => {
      const all = [...log, ...takingBack(effectiveEvents(log), 2 * log.length)];
      const steps = engineOf(batchesOf(all, delivery), { definitions: withOwn(own) }).steps();
      expect(steps.filter((step) => step.includes('\u001Fown_'))).toEqual([]);
    }),
    simParameters(100),
  );
});
