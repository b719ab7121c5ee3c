import { namesErased, subjectsOf } from '@kpi/core';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';

import { referralLog } from '../support/company-log.ts';
import { engineOf } from '../support/core-engine.ts';
import { batchesOf, deliveries } from '../support/delivery.ts';
import { PROPERTY_TIMEOUT_MS, simParameters } from '../support/sim-parameters.ts';

const untold = fc.nat({ max: 6 });

test(
  'however late homes hear of referrals and merges, the same is counted in the end',
  { timeout: PROPERTY_TIMEOUT_MS },
  () => {
    fc.assert(
      fc.property(referralLog(), deliveries(), untold, (log, delivery, batches) => {
        const engine = engineOf(batchesOf(log, delivery), { batchesUntold: batches });
        expect(engine.steps()).toEqual(engineOf([log]).steps());
        expect(engine.steps()).toEqual(engine.recount());
      }),
      simParameters(150),
    );
  },
);

test('the same if an account is erased meanwhile', { timeout: PROPERTY_TIMEOUT_MS }, () => {
  fc.assert(
    fc.property(
      referralLog(),
      deliveries(),
      fc.record({ untold, pick: fc.nat({ max: 99 }), after: fc.nat({ max: 99 }) }),
      (all, delivery, { untold: batchesUntold, pick, after }) => {
        // Who a merge names, and what becomes of it, is asked of whole companies (core-erasure.test.ts).
        const log = all.filter(({ event }) => event.event_type !== 'account.merged');
        fc.pre(log.length > 0);
        const named = log.flatMap(({ event }) => subjectsOf(event)).filter(isAccount);
        const gone = named[pick % Math.max(1, named.length)]?.id;
        const isErased = (_tenantId: string, { kind, id }: (typeof named)[number]): boolean =>
          kind === 'account' && id === gone;
        const batches = batchesOf(log, delivery);
        const place = after % (batches.length + 1);
        const engine = engineOf(batches.slice(0, place), { batchesUntold });
        engine.erase(isErased);
        for (const batch of batches.slice(place)) engine.apply(batch);
        const left = log.filter(({ event }) => !namesErased(event, isErased));
        expect(engine.steps()).toEqual(engineOf([left]).steps());
      },
    ),
    simParameters(150),
  );
});

function isAccount({ kind }: { readonly kind: string }): boolean {
  return kind === 'account';
}
