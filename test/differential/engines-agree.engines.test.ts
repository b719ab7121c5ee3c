import { randomUUID } from 'node:crypto';

import { createHistory, type EventRow, type History } from '@kpi/clickhouse';
import { DEFAULT_DEFINITIONS } from '@kpi/core';
import { type RedisClient, closeRedis, createRedis } from '@kpi/redis';
import { ENGINE_OPTIONS, createLog, readConfig, systemClock } from '@kpi/runtime';
import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';

import { companiesLog } from '../support/company-log.ts';
import { type LoggedEvent } from '../support/core-engine.ts';
import { batchesOf, deliveries } from '../support/delivery.ts';
import { exposureQuery, sumsOfExposures, sumsOfKpi } from '../support/exposure-answers.ts';
import {
  expectedAnswers,
  faultsOf,
  historyInquiriesOf,
  inquiriesOf,
  picks,
} from '../support/inquiry.ts';
import { LiveEngine } from '../support/live-engine.ts';
import { PROPERTY_TIMEOUT_MS, simParameters } from '../support/sim-parameters.ts';
import { removeNames, uniqueNames } from '../support/unique-names.ts';
import { OTHER_DEFINITIONS } from '../support/other-definitions.ts';

/** Each log holds 22 companies and is asked 28 live windows of thirteen KPIs in 5 to 14 ways, and history one window more of each. */
const LOGS = 1;
const INSTANTS_PER_WINDOW = 10;
/** History costs by the question: it is asked every seventh, which takes turns through the ways. */
const HISTORY_TURN = 7;
/** What comparisons read is held against the KPI's own count at so many instants of each window. */
const EXPOSURES_PER_WINDOW = 3;
/** Batches of the live store that make one insert. */
const BATCHES_PER_INSERT = 8;

const config = readConfig(z.object(ENGINE_OPTIONS), { ...process.env, ...uniqueNames() });
const log = createLog({ name: 'test', level: 'silent' });
let redis: RedisClient;
let history: History;
let live: LiveEngine;
let tenants = 0;
let records = 0;

beforeAll(async () => {
  redis = await createRedis(config, log);
  history = createHistory(config, log);
  await history.migrate();
  live = new LiveEngine({ client: redis, prefix: config.KPI_REDIS_PREFIX });
});

afterAll(async () => {
  await history.close();
  await closeRedis(redis);
  await removeNames(config);
});

/** The log as that of a tenant of its own. */
function ofTenant(drawn: readonly LoggedEvent[]): {
  tenantId: string;
  own: readonly LoggedEvent[];
} {
  tenants += 1;
  const tenantId = `tenant-${tenants}`;
  return {
    tenantId,
    own: drawn.map(({ event, offset }) => ({ offset, event: { ...event, tenant_id: tenantId } })),
  };
}

/** Every record of a batch as a row, as archive writes them. */
async function insert(batch: readonly LoggedEvent[]): Promise<void> {
  const first = records;
  records += batch.length;
  const rows: readonly EventRow[] = batch.map(({ event }, index) => ({
    event,
    topic: 'kpi.drawn.v1',
    partition: 0,
    offset: first + index,
  }));
  await history.insertEvents({ rows, token: `drawn-${first}` });
  await history.insertEvents({ rows, token: `drawn-${first}` });
}

/** Everything that was inserted, as a bound: bounded questions are answered from the events, others from what is kept. */
function archived(): Readonly<Record<string, number>> {
  return { 'kpi.drawn.v1:0': records };
}

describe.each([
  ['the default definitions', DEFAULT_DEFINITIONS],
  ['other definitions', OTHER_DEFINITIONS],
])('with %s', (_title, definitions) => {
  test(
    'the live store and history say what the definitions say, at every instant tried',
    { timeout: PROPERTY_TIMEOUT_MS },
    async () => {
      await fc.assert(
        fc.asyncProperty(
          companiesLog(),
          deliveries(),
          picks(INSTANTS_PER_WINDOW),
          async (drawn, delivery, chosen) => {
            const { tenantId, own } = ofTenant(drawn);
            const batches = batchesOf(own, delivery);
            for (const batch of batches) await live.apply(batch, definitions);
            for (let from = 0; from < batches.length; from += BATCHES_PER_INSERT)
              await insert(batches.slice(from, from + BATCHES_PER_INSERT).flat());
            await history.keep({
              bound: archived(),
              generation: randomUUID(),
              definitions: new Map([[tenantId, definitions]]),
              nowMs: systemClock(),
            });
            const view = await live.view();
            const inquiries = [
              ...inquiriesOf(own, definitions, chosen),
              ...historyInquiriesOf(own, definitions, chosen),
            ];
            let turn = 0;
            for (const answer of expectedAnswers(own, { tenantId, definitions, inquiries })) {
              turn += 1;
              if (view.canAnswer(answer.query))
                expect(faultsOf(answer, view.read(answer.query)), 'live').toEqual([]);
              if (turn % HISTORY_TURN === 0) {
                const read = await history.read(answer.query, { offsetBound: archived() });
                expect(faultsOf(answer, read), 'history').toEqual([]);
              }
              expect(faultsOf(answer, await history.read(answer.query)), 'kept').toEqual([]);
            }
            for (const { kpiId, windowMs, asOf: instants } of inquiries) {
              if (kpiId !== 'support_ticket_rate') continue;
              for (const asOf of instants.slice(0, EXPOSURES_PER_WINDOW)) {
                const query = exposureQuery({ tenantId, windowMs, asOf, definitions });
                const accounts = await history.exposures({
                  tenantId,
                  definitions,
                  until: asOf,
                  ticketsFrom: asOf - windowMs,
                });
                const expected = view.canAnswer(query)
                  ? view.read(query)
                  : await history.read(query);
                expect(sumsOfExposures(accounts, { windowMs, asOf, definitions })).toEqual(
                  sumsOfKpi(expected),
                );
              }
            }
          },
        ),
        { ...simParameters(LOGS), endOnFailure: true },
      );
    },
  );
});
