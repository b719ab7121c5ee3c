import { type IsErased, namesErased, subjectsOf } from '@kpi/core';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';

import { companyLog } from '../support/company-log.ts';
import { type LoggedEvent, engineOf } from '../support/core-engine.ts';
import { batchesOf, deliveries } from '../support/delivery.ts';
import { PROPERTY_TIMEOUT_MS, simParameters } from '../support/sim-parameters.ts';

/** Some of those whom the events of a log name. */
function chosenFrom(log: readonly LoggedEvent[], picks: readonly number[]): ReadonlySet<string> {
  const named = log.flatMap(({ event }) =>
    subjectsOf(event).map(({ kind, id }) => `${kind} ${id}`),
  );
  const all = [...new Set(named)].toSorted();
  return new Set(picks.flatMap((pick) => all[pick % Math.max(1, all.length)] ?? []));
}

function erasing(chosen: ReadonlySet<string>): IsErased {
  return (_tenantId, { kind, id }) => chosen.has(`${kind} ${id}`);
}

const picks = fc.array(fc.nat({ max: 99 }), { minLength: 1, maxLength: 2 });

test(
  'a log with erasures counts as the log without the events of who was erased, whenever that was',
  { timeout: PROPERTY_TIMEOUT_MS },
  () => {
    fc.assert(
      fc.property(
        companyLog(),
        deliveries(),
        fc.record({ picks, after: fc.nat({ max: 99 }) }),
        (log, delivery, erasure) => {
          const isErased = erasing(chosenFrom(log, erasure.picks));
          const batches = batchesOf(log, delivery);
          const engine = engineOf([]);
          const after = erasure.after % (batches.length + 1);
          for (const batch of batches.slice(0, after)) engine.apply(batch);
          engine.erase(isErased);
          for (const batch of batches.slice(after)) engine.apply(batch);
          const left = log.filter(({ event }) => !namesErased(event, isErased));
          expect(engine.steps()).toEqual(engineOf([left]).steps());
        },
      ),
      simParameters(300),
    );
  },
);

test('nothing that is left names who was erased', { timeout: PROPERTY_TIMEOUT_MS }, () => {
  fc.assert(
    fc.property(companyLog(), picks, (log, chosen) => {
      const gone = chosenFrom(log, chosen);
      const engine = engineOf([log]);
      engine.erase(erasing(gone));
      const words = new Set(engine.contents().split(/[^\w-]+|u001f/));
      expect(
        [...gone].map((name) => name.split(' ')[1] ?? '').filter((id) => words.has(id)),
      ).toEqual([]);
    }),
    simParameters(150),
  );
});

test('to read every home again changes nothing', { timeout: PROPERTY_TIMEOUT_MS }, () => {
  fc.assert(
    fc.property(companyLog(), deliveries(), (log, delivery) => {
      const engine = engineOf(batchesOf(log, delivery));
      const before = engine.steps();
      engine.erase(() => false);
      expect(engine.steps()).toEqual(before);
    }),
    simParameters(150),
  );
});
