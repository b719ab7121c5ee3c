import { randomBytes } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';

import { LiveView, ValueBoard, closeRedis, createRedis, removeKeys } from '@kpi/redis';
import { ENGINE_OPTIONS, createLog, createMetrics, readConfig, systemClock } from '@kpi/runtime';
import { expect, onTestFinished, test } from 'vitest';
import { z } from 'zod';

import { createAggregateMetrics } from './aggregate-metrics.ts';
import { Evaluator } from './evaluator.ts';

/** Longer than a lease lasts. */
const LOADING_MS = 8_000;

/** A view of a store so large that it takes its time. */
class SlowView extends LiveView {
  override async open(): Promise<void> {
    await setTimeout(LOADING_MS);
    await super.open();
  }
}

test('whoever loads a large store keeps the lease meanwhile', async () => {
  const log = createLog({ name: 'test', level: 'silent' });
  const client = await createRedis(readConfig(z.object(ENGINE_OPTIONS), process.env), log);
  const prefix = `t${randomBytes(6).toString('hex')}`;
  const board = new ValueBoard({ client, prefix });
  const evaluator = new Evaluator({
    board,
    createView: () => new SlowView({ client, prefix, partitions: 1, log, clock: systemClock }),
    producer: {
      send: () => Promise.reject(new Error('nothing is there to be published')),
      close: () => Promise.resolve(),
    },
    topic: 'values',
    holder: 'loading',
    log,
    clock: systemClock,
    metrics: createAggregateMetrics(createMetrics()).evaluator,
  });
  onTestFinished(async () => {
    await evaluator.close();
    await removeKeys(client, `${prefix}:*`);
    await closeRedis(client);
  });
  evaluator.start();
  for (let passed = 500; passed < LOADING_MS; passed += 500) {
    await setTimeout(500);
    expect(await board.hold('other', 1), `after ${passed} ms`).toBeUndefined();
  }
});
