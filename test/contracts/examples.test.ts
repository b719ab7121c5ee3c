import { DEFAULT_DEFINITIONS, days, kpiOf } from '@kpi/core';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { CoreEngine, logged } from '../support/core-engine.ts';
import { batchesOf, deliveries } from '../support/delivery.ts';
import { exampleGroups, exampleQuery, valueOf } from '../support/example-answer.ts';
import { examples } from '../support/examples/index.ts';
import { supportTicketExample } from '../support/examples/support-tickets.ts';
import { simParameters } from '../support/sim-parameters.ts';

const TENANT = 'acme';
const AS_OF = Date.UTC(2026, 2, 30, 5);

/** Those that are kept live; what is served from history is asked through HTTP only. */
const LIVE = examples(AS_OF).filter(({ questions }) =>
  questions.every(({ kpiId }) => (kpiOf(kpiId)?.windows.length ?? 0) > 0),
);

describe.each(LIVE)('$title', (example) => {
  const engine = new CoreEngine(DEFAULT_DEFINITIONS);
  engine.apply(logged(example.events));

  test.each(example.questions)('$title', (question) => {
    const rows = engine.index.read(exampleQuery(example, question, TENANT));
    expect(exampleGroups(question, rows)).toEqual(question.groups);
    const [whole] = rows;
    for (const [variant, value] of Object.entries(question.values)) {
      const answered = valueOf(question.kpiId, variant, whole?.components ?? {});
      if (value === null) expect(answered).toBeNull();
      else expect(answered).toBeCloseTo(value, 12);
    }
  });
});

describe.each(LIVE)('$title', (example) => {
  test('is the same in any order, repeated, and cut into any batches', () => {
    fc.assert(
      fc.property(deliveries(), (delivery) => {
        const engine = new CoreEngine(DEFAULT_DEFINITIONS);
        for (const batch of batchesOf(logged(example.events), delivery)) engine.apply(batch);
        for (const question of example.questions) {
          const rows = engine.index.read(exampleQuery(example, question, TENANT));
          expect(exampleGroups(question, rows)).toEqual(question.groups);
        }
      }),
      simParameters(5),
    );
  });
});

test('the rate ratio of trained to untrained time is not that of ever-trained to never-trained accounts', () => {
  const example = supportTicketExample(AS_OF);
  const engine = new CoreEngine(DEFAULT_DEFINITIONS);
  engine.apply(logged(example.events));
  const rateOf = (trained: string): number => {
    const [row] = engine.index.read({
      tenantId: TENANT,
      kpiId: 'support_ticket_rate',
      windowMs: days(28),
      asOf: [AS_OF],
      by: [],
      filter: { trained: [trained] },
      definitions: DEFAULT_DEFINITIONS,
    });
    return valueOf('support_ticket_rate', '', row?.components ?? {}) ?? Number.NaN;
  };
  expect(rateOf('true') / rateOf('false')).toBeCloseTo(0.1944, 4);
});
