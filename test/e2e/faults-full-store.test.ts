import { createScratch, startEngines } from '@kpi/engines';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { audit, untilCaughtUp } from '../faults/audit.ts';
import { eventSource } from '../faults/event-source.ts';
import { createStage, untilUnready } from '../faults/stage.ts';
import { createPipeline } from '../support/pipeline.ts';

const SERVICES = ['aggregate', 'archive'] as const;
const EVENTS = 300;

/** An own Redis: nobody else shall find it full. */
let own: { readonly url: string; close(): Promise<void> };

beforeAll(async () => {
  const scratch = await createScratch();
  const environment = { ...process.env, KPI_REDIS_URL: '' };
  const engines = await startEngines({ dataDir: scratch.path, environment });
  own = {
    url: engines.urls.KPI_REDIS_URL,
    async close() {
      await engines.close();
      await scratch.remove();
    },
  };
});

afterAll(() => own.close());

test('a Redis that is full is waited for; nothing of a refused batch is written', async () => {
  const pipeline = await createPipeline(2, { KPI_REDIS_URL: own.url });
  const stage = await createStage(pipeline);
  const next = eventSource(31);
  try {
    await stage.start(SERVICES);
    await pipeline.publish(Array.from({ length: EVENTS }, next));
    await untilCaughtUp(pipeline);
    await pipeline.redis.config('SET', 'maxmemory', '1mb');
    await pipeline.publish(Array.from({ length: EVENTS }, next));
    const reasons = await untilUnready(stage, SERVICES);
    for (const service of SERVICES) expect(reasons.get(service)).toMatch(/Redis answers OOM/);
    await pipeline.redis.config('SET', 'maxmemory', '0');
    const found = await audit(stage);
    expect(found.log.disagreements).toEqual([]);
    expect(found).toMatchObject({ rows: found.records, eventsLive: found.records, refused: 0 });
    expect(stage.failures).toEqual([]);
  } finally {
    await stage.close();
  }
});
