import { createHistory, type EventRow, type History } from '@kpi/clickhouse';
import { DEFAULT_DEFINITIONS, type Definitions, days, hours } from '@kpi/core';
import { type RedisClient, closeRedis, createRedis } from '@kpi/redis';
import { ENGINE_OPTIONS, createLog, readConfig } from '@kpi/runtime';
import * as fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';

import { companiesLog } from '../support/company-log.ts';
import { type LoggedEvent } from '../support/core-engine.ts';
import { batchesOf, deliveries } from '../support/delivery.ts';
import { faultsOf, picks } from '../support/inquiry.ts';
import { LiveEngine } from '../support/live-engine.ts';
import { expectedOwnAnswers } from '../support/own-answers.ts';
import { logWithOwnKpis } from '../support/own-kpis.ts';
import { ownLog } from '../support/own-log.ts';
import { PROPERTY_TIMEOUT_MS, simParameters } from '../support/sim-parameters.ts';
import { removeNames, uniqueNames } from '../support/unique-names.ts';

/** Each log holds 24 companies and is asked eight declarations in 4 to 14 ways over two to four windows. */
const LOGS = 1;
const DECLARATIONS = 8;
const INSTANTS_PER_WINDOW = 10;
/** History costs by the question: it is asked every fifth, which takes turns through the ways. */
const HISTORY_TURN = 5;

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

/** Every record in one insert, twice, as archive writes them. */
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

test(
  'the live store and history say what the declarations say, at every instant tried',
  { timeout: PROPERTY_TIMEOUT_MS },
  async () => {
    await fc.assert(
      fc.asyncProperty(
        logWithOwnKpis(ownLog(companiesLog()), DECLARATIONS),
        deliveries(),
        picks(INSTANTS_PER_WINDOW),
        async ({ log: drawn, own: ownKpis }, delivery, chosen) => {
          const definitions: Definitions = { ...DEFAULT_DEFINITIONS, ownKpis };
          const { tenantId, own } = ofTenant(drawn);
          const batches = batchesOf(own, delivery);
          for (const batch of batches) await live.apply(batch, definitions);
          await insert(batches.flat());
          const view = await live.view();
          const moreWindows = [days(3) + hours(1)];
          const asked = { tenantId, definitions, chosen, moreWindows };
          const offsetBound = { 'kpi.drawn.v1:0': records };
          let turn = 0;
          for (const answer of expectedOwnAnswers(own, asked)) {
            turn += 1;
            if (view.canAnswer(answer.query))
              expect(faultsOf(answer, view.read(answer.query)), 'live').toEqual([]);
            if (turn % HISTORY_TURN !== 0) continue;
            const read = await history.read(answer.query, { offsetBound });
            expect(faultsOf(answer, read), 'history').toEqual([]);
          }
        },
      ),
      { ...simParameters(LOGS), endOnFailure: true },
    );
  },
);
