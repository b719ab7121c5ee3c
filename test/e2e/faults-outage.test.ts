import { createScratch, startEngines } from '@kpi/engines';
import { afterEach, beforeEach, describe, expect, onTestFinished, test } from 'vitest';

import { audit, logEnds, sum } from '../faults/audit.ts';
import { eventSource } from '../faults/event-source.ts';
import { Sender } from '../faults/sender.ts';
import { type Stage, type StageService, createStage, untilUnready } from '../faults/stage.ts';
import { event } from '../support/event.ts';
import { type Pipeline, createPipeline, until } from '../support/pipeline.ts';

/** How long an engine is away; longer if it takes longer until everybody has noticed. */
const OUTAGE_MS = Number(process.env['FAULT_OUTAGE_MS'] ?? 6_000);
const PARTITIONS = 2;
const ALL: readonly StageService[] = ['ingest', 'aggregate', 'archive'];
const TEST_MS_MAX = 120_000 + 2 * OUTAGE_MS;

/** Events of accounts need no look-up, those of users alone need Redis. */
interface Load {
  readonly accounts: Sender;
  readonly users: Sender;
  stop(): Promise<void>;
}

function startLoad(url: string): Load {
  const options = { url, tenantId: 'acme', eventsPerRequest: 40, restMs: 100 };
  const accounts = new Sender({ ...options, next: eventSource(7) });
  let number = 0;
  const users = new Sender({
    ...options,
    eventsPerRequest: 5,
    next: () => {
      number += 1;
      const id = { event_id: `u${number}`, user_id: `lone-${number % 20}` };
      return event('lms.lesson_completed', { ...id, occurred_at: Date.now() - number });
    },
  });
  const stop = async (): Promise<void> => {
    await Promise.all([accounts.stop(), users.stop()]);
  };
  return { accounts, users, stop };
}

let stage: Stage;
let load: Load;

async function open(pipeline: Pipeline): Promise<void> {
  stage = await createStage(pipeline);
}

/** Services at work, events arriving and being applied. */
async function begin(settings: Readonly<Record<string, string>> = {}): Promise<void> {
  await stage.start(ALL, settings);
  load = startLoad(stage.url);
  await until(
    'rows arrive',
    async () => (await stage.metric('archive', 'kpi_archive_rows_total')) > 0,
  );
  await untilUnready(stage, []);
}

/** Take something away for the time of an outage, at least until exactly these services say that they are not ready. */
async function outage(
  away: { leave(): Promise<void>; comeBack(): Promise<void> },
  expected: readonly StageService[],
): Promise<ReadonlyMap<StageService, string>> {
  const end = Date.now() + OUTAGE_MS;
  await away.leave();
  const reasons = await untilUnready(stage, expected);
  await until('the outage is over', () => Date.now() >= end, OUTAGE_MS + 1_000);
  await away.comeBack();
  await untilUnready(stage, []);
  return reasons;
}

/** Nothing was lost, nothing doubled, nobody gave up. */
async function settle(): Promise<void> {
  await load.stop();
  const found = await audit(stage);
  const sent = load.accounts.accepted.size + load.users.accepted.size;
  expect(found.log.disagreements).toEqual([]);
  expect(found).toMatchObject({
    rows: found.records,
    distinctRows: sent,
    eventsLive: found.records,
    refused: 0,
    refusedLive: 0,
  });
  expect(stage.failures).toEqual([]);
}

/** Whole requests were refused for one reason, each with a time to come back. */
function expectRefusals(sender: Sender, code: string): void {
  expect(sender.refusals.length).toBeGreaterThan(0);
  for (const refusal of sender.refusals) {
    expect(refusal).toMatchObject({ status: 503, code });
    expect(refusal.retryAfterS).toBeGreaterThan(0);
  }
}

afterEach(async () => {
  await load.stop().catch(() => undefined);
  await stage.close();
}, 60_000);

describe('behind proxies', () => {
  beforeEach(async () => open(await createPipeline(PARTITIONS)));

  test(
    'Redis away: look-ups are answered 503, both consumers wait, and all goes on',
    async () => {
      await begin();
      const { redis } = stage.proxies;
      const away = { leave: () => redis.cut(), comeBack: () => redis.restore() };
      const reasons = await outage(away, ALL);
      expect(reasons.get('aggregate')).toMatch(/Redis does not answer/);
      expect(reasons.get('archive')).toMatch(/Redis does not answer/);
      expect(reasons.get('ingest')).toMatch(/Redis does not answer/);
      await settle();
      expectRefusals(load.users, 'store_unreachable');
      expect(load.accounts.refusals).toEqual([]);
    },
    TEST_MS_MAX,
  );

  test(
    'ClickHouse away: only the archive waits, and stops reading',
    async () => {
      const batchRows = 250;
      await begin({ KPI_ARCHIVE_BATCH_ROWS: String(batchRows), KPI_ARCHIVE_WAIT_MS: '200' });
      const { clickhouse } = stage.proxies;
      let inserted = 0;
      let live = 0;
      const reasons = await outage(
        {
          async leave() {
            await clickhouse.cut();
            inserted = await stage.metric('archive', 'kpi_archive_rows_total');
            live = await stage.metric('aggregate', 'kpi_aggregate_events_total');
          },
          async comeBack() {
            const held = 2 * PARTITIONS * batchRows;
            const applied = await stage.metric('aggregate', 'kpi_aggregate_events_total');
            expect(applied).toBeGreaterThan(live);
            let arrived = 0;
            await until('more has arrived than the archive may hold', async () => {
              arrived = sum((await logEnds(stage.pipeline)).values());
              return arrived > inserted + held;
            });
            await until('the rest is left in the log', async () => {
              const lag = await stage.metric('archive', 'kpi_archive_lag_events');
              return lag >= arrived - inserted - held;
            });
            await clickhouse.restore();
          },
        },
        ['archive'],
      );
      expect(reasons.get('archive')).toMatch(/ClickHouse did not answer/);
      await settle();
      expect([...load.accounts.refusals, ...load.users.refusals]).toEqual([]);
    },
    TEST_MS_MAX,
  );

  test(
    'the registry away from the first: nobody takes a record for a bad one',
    async () => {
      const { registry } = stage.proxies;
      await registry.cut();
      await stage.start(ALL);
      load = startLoad(stage.url);
      const early = Array.from({ length: 30 }, (_, number) =>
        event('survey.response_submitted', {
          event_id: `early-${number}`,
          occurred_at: Date.now(),
          account_id: `a${number}`,
        }),
      );
      await stage.pipeline.publish(early);
      const reasons = await outage(
        { leave: () => Promise.resolve(), comeBack: () => registry.restore() },
        ALL,
      );
      for (const service of ALL) expect(reasons.get(service)).toMatch(/registry/i);
      for (const { event_id: id } of early) load.accounts.accepted.add(id);
      expectRefusals(load.accounts, 'registry_unreachable');
      expectRefusals(load.users, 'registry_unreachable');
      const refusals = load.accounts.refusals.length + load.users.refusals.length;
      await registry.cut();
      const before = load.accounts.accepted.size;
      await until('more is accepted', () => load.accounts.accepted.size > before + 400);
      expect((await stage.unready()).get('ingest')).toBeUndefined();
      await registry.restore();
      await settle();
      expect(load.accounts.refusals.length + load.users.refusals.length).toBe(refusals);
    },
    TEST_MS_MAX,
  );
});

test(
  'the broker away: ingest answers 503, both consumers wait, and all goes on',
  async () => {
    const scratch = await createScratch();
    const startBroker = (port: number) =>
      startEngines({
        dataDir: scratch.path,
        environment: { ...process.env, KPI_KAFKA_BROKERS: '' },
        ports: { KPI_KAFKA_BROKERS: port },
      });
    let engines = await startBroker(0);
    onTestFinished(async () => {
      await engines.close();
      await scratch.remove();
    });
    const brokers = engines.urls.KPI_KAFKA_BROKERS;
    await open(await createPipeline(PARTITIONS, { KPI_KAFKA_BROKERS: brokers }));
    await begin();
    const reasons = await outage(
      {
        leave: () => engines.close(),
        async comeBack() {
          engines = await startBroker(Number(brokers.split(':')[1]));
        },
      },
      ALL,
    );
    for (const service of ALL) expect(reasons.get(service)).not.toBe('');
    await settle();
    expectRefusals(load.accounts, 'broker_unreachable');
    expectRefusals(load.users, 'broker_unreachable');
  },
  TEST_MS_MAX,
);
