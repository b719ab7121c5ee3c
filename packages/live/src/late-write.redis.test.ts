import { randomBytes } from 'node:crypto';

import { HOUR_MS } from '@kpi/core';
import { LiveStore, type RedisClient, closeRedis, createRedis, removeKeys } from '@kpi/redis';
import { ENGINE_OPTIONS, createLog, readConfig } from '@kpi/runtime';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { z } from 'zod';

import { type PlacedEvent, planBatch } from './batch-plan.ts';
import { PartitionWorker } from './partition-worker.ts';
import { ENVELOPE, action, batchOf, placed } from './test-batches.ts';

const TOPIC = 'kpi.product.v1';
const log = createLog({ name: 'test', level: 'silent' });
let redis: RedisClient;
const prefixes: string[] = [];

beforeEach(async () => {
  redis = await createRedis(readConfig(z.object(ENGINE_OPTIONS), process.env), log);
});

afterEach(async () => {
  for (const prefix of prefixes.splice(0)) await removeKeys(redis, `${prefix}:*`);
  await closeRedis(redis);
});

/** When the write arrives that its sender gives up, unless it arrives at once. */
type Arrival = 'at once' | 'at the next write' | 'when homes were read' | 'never';

/** A connection on which one write is given up, as a store that is slow makes it, and comes later. */
class SlowConnection {
  readonly client: RedisClient;
  readonly #arrival: Arrival;
  #isNextSlow = false;
  #late: (() => Promise<unknown>) | undefined;

  constructor(client: RedisClient, arrival: Arrival) {
    this.#arrival = arrival;
    this.client = new Proxy(client, {
      get: (target, name) => {
        if (name === 'call')
          return (...command: Parameters<RedisClient['call']>) => this.#call(target, command);
        const found: unknown = Reflect.get(target, name);
        return typeof found === 'function' ? found.bind(target) : found;
      },
    });
  }

  slowDown(): void {
    this.#isNextSlow = this.#arrival !== 'at once';
  }

  /** Writes that were given up and have not come. */
  get waiting(): number {
    return this.#late === undefined ? 0 : 1;
  }

  async #call(target: RedisClient, command: Parameters<RedisClient['call']>): Promise<unknown> {
    // Whatever writes names the owner of the partition first.
    const isWrite = command.flat().some((one) => String(one).endsWith(':owner'));
    const send = (): Promise<unknown> => target.call(...command);
    if (isWrite && this.#isNextSlow) {
      this.#isNextSlow = false;
      this.#late = send;
      throw new Error('Command timed out');
    }
    if (isWrite && this.#arrival === 'at the next write') await this.#arrive();
    const answer = await send();
    if (!isWrite && this.#arrival === 'when homes were read') await this.#arrive();
    return answer;
  }

  async #arrive(): Promise<void> {
    const late = this.#late;
    this.#late = undefined;
    await late?.();
  }
}

const AT = ENVELOPE.occurred_at;

/** A customer who seemed to be activated, and goes on. */
const EVENTS: readonly PlacedEvent[] = [
  {
    ...ENVELOPE,
    event_id: 'began',
    event_type: 'billing.subscription_started',
    subscription_id: 's1',
    product_id: 'app',
    plan_id: 'pro',
    mrr_minor: 100_00,
    currency: 'EUR',
    quantity: 1,
    cancel_at: null,
  } as const,
  {
    ...ENVELOPE,
    event_id: 'registered',
    event_type: 'account.created',
    account_name: null,
    plan: null,
    source_channel: null,
    is_internal: null,
    domain: null,
    imported: null,
  } as const,
  action('create_project', 'e1', { occurred_at: AT + HOUR_MS }),
  action('connect_source', 'e2', { occurred_at: AT + HOUR_MS }),
  action('invite_user', 'undone', { occurred_at: AT + HOUR_MS }),
  action('invite_user', 'e3', { retracts: 'undone', occurred_at: AT + HOUR_MS }),
  action('create_project', 'e4', { occurred_at: AT + HOUR_MS }),
].map(placed);

/** Before this one the home is read again, which its writer gives up at first. */
const LAST = EVENTS.length - 1;

/** Every step that is stored when the home was read again, and its last event was applied before or after that. */
async function stepsAfter(arrival: Arrival, isReadFirst: boolean): Promise<readonly string[]> {
  const prefix = `t${randomBytes(6).toString('hex')}`;
  prefixes.push(prefix);
  const slow = new SlowConnection(redis, arrival);
  const owned = await new LiveStore({ client: slow.client, prefix }).claim(0, 'test');
  const mayRead = Promise.withResolvers<void>();
  const isGivenUp = Promise.withResolvers<void>();
  const worker = new PartitionWorker({
    owned,
    partition: 0,
    history: {
      read: async ({ positions, definitionsOf }) => {
        await mayRead.promise;
        const before = EVENTS.slice(0, positions.get(TOPIC));
        return planBatch(
          before.filter(({ event }) => event.event_id !== 'undone'),
          definitionsOf,
        );
      },
      isErased: () => false,
    },
    homesCached: 10,
    tell: () => Promise.resolve(),
    clock: () => 0,
    onHindered: () => isGivenUp.resolve(),
  });
  const apply = (event: PlacedEvent): Promise<unknown> => worker.apply(batchOf(TOPIC, event), 0);
  for (const event of EVENTS.slice(0, LAST)) await apply(event);
  slow.slowDown();
  mayRead.resolve();
  if (arrival !== 'at once') await isGivenUp.promise;
  if (isReadFirst) await worker.settled(new AbortController().signal);
  for (const event of EVENTS.slice(LAST)) await apply(event);
  await worker.settled(new AbortController().signal);
  await worker.close();
  expect(slow.waiting).toBe(arrival === 'never' ? 1 : 0);
  const successor = await new LiveStore({ client: redis, prefix }).claim(0, 'next');
  return (await successor.steps()).map((step) => step.join(' ')).toSorted();
}

describe.each([true, false])('a home read again, before the next batch: %s', (isReadFirst) => {
  test.each(['never', 'at the next write', 'when homes were read'] as const)(
    'a write that was given up and arrives %s counts once or not at all',
    async (arrival) => {
      const steps = await stepsAfter('at once', isReadFirst);
      expect(steps.join()).toContain('activation_rate');
      expect(await stepsAfter(arrival, isReadFirst)).toEqual(steps);
    },
  );
});
