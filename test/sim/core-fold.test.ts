import {
  DEFAULT_DEFINITIONS,
  type SeriesIndex,
  bucketEnd,
  days,
  foldSheet,
  hours,
} from '@kpi/core';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';

import { companyLog } from '../support/company-log.ts';
import { LOG_START } from '../support/company-log-times.ts';
import { CoreEngine } from '../support/core-engine.ts';
import { NAIVE_KPIS } from '../support/naive-kpis.ts';
import { rowLines, windowsOf } from '../support/inquiry.ts';
import { PROPERTY_TIMEOUT_MS, simParameters } from '../support/sim-parameters.ts';

const TENANT = 'acme';
const LONGEST_WINDOW_MS = days(28);

/** All answers about instants that can still be read live at `nowMs`, and about the future. */
function answers(index: SeriesIndex, nowMs: number): readonly string[] {
  const asOf = [-days(7), -days(3), 0, hours(1), days(30), days(400)].map((ms) =>
    bucketEnd(nowMs + ms, hours(1)),
  );
  return NAIVE_KPIS.flatMap((kpiId) =>
    windowsOf(kpiId).flatMap((windowMs) => {
      const rows = index.read({
        tenantId: TENANT,
        kpiId,
        windowMs,
        asOf,
        by: ['plan'],
        filter: {},
        definitions: DEFAULT_DEFINITIONS,
      });
      return rowLines(rows).map((line) => `${kpiId} ${windowMs} ${line}`);
    }),
  );
}

test(
  'steps beyond the live horizon are folded, again and again, without a change to what can be read',
  { timeout: PROPERTY_TIMEOUT_MS },
  () => {
    fc.assert(
      fc.property(companyLog(), fc.array(fc.nat({ max: 500 }), { maxLength: 3 }), (log, ages) => {
        const { index } = engineWith(log);
        for (const age of ages.toSorted((a, b) => a - b)) {
          const nowMs = LOG_START + days(age) + 1;
          const expected = answers(index, nowMs);
          for (const [series, boundary, weight] of foldSheet([...index.steps()], nowMs).changes())
            index.add(series, boundary, weight);
          expect(answers(index, nowMs)).toEqual(expected);
          const oldest = Math.min(...[...index.steps()].map(([, boundary]) => boundary));
          expect(oldest).toBeGreaterThanOrEqual(nowMs - days(7) - LONGEST_WINDOW_MS - hours(2));
        }
      }),
      simParameters(60),
    );
  },
);

function engineWith(log: Parameters<CoreEngine['apply']>[0]): CoreEngine {
  const engine = new CoreEngine(DEFAULT_DEFINITIONS);
  engine.apply(log);
  return engine;
}
