/**
 * A load generator, as a process of its own so that its CPU time is told apart. Told by its argument what to send
 * ({@link LoadPlan}). Makes all requests first and prints `ready`; after a line on its input it sends them and prints a
 * {@link LoadResult}. Ends when its input does.
 */
import { once } from 'node:events';

import { pause } from '@kpi/runtime';
import { Pool } from 'undici';
import { z } from 'zod';

import { eventJson } from '../support/event-json.ts';
import { LOAD_PLAN, type LoadPlan, type LoadResult } from './load-plan.ts';
import { percentilesOf } from './percentiles.ts';
import { workload } from './workload.ts';

const RECEIPT = z.object({ accepted: z.number(), rejected: z.array(z.unknown()) });
const HEADERS = { 'content-type': 'application/json' };
/** A request that is not answered by then is a failure of the bench. */
const ANSWER_MS_MAX = 60_000;
/** How far ahead of its time a request may be sent. */
const PACE_MS = 5;

const plan = LOAD_PLAN.parse(JSON.parse(process.argv[2] ?? ''));
const bodies = [...requestBodies(plan)];
console.log('ready');
process.stdin.once('end', () => process.exit(1));
await once(process.stdin, 'data');
console.log(JSON.stringify(await sendAll(plan, bodies)));
process.exit(0);

function* requestBodies({ eventsPerRequest, ...options }: LoadPlan): Generator<Buffer, void> {
  let batch: string[] = [];
  for (const event of workload(options)) {
    batch.push(JSON.stringify(eventJson(event)));
    if (batch.length < eventsPerRequest) continue;
    yield bodyOf(batch);
    batch = [];
  }
  if (batch.length > 0) yield bodyOf(batch);
}

function bodyOf(events: readonly string[]): Buffer {
  return Buffer.from(events.length === 1 ? (events[0] ?? '') : `[${events.join(',')}]`);
}

async function sendAll(load: LoadPlan, requests: readonly Buffer[]): Promise<LoadResult> {
  const pool = new Pool(load.url, { connections: load.connections, bodyTimeout: ANSWER_MS_MAX });
  const tally = { accepted: 0, rejected: 0 };
  const refused = new Map<string, number>();
  const latencies: number[] = [];
  const begun = { at: performance.now(), cpu: process.cpuUsage() };
  let next = 0;
  const sendOne = async (body: Buffer): Promise<void> => {
    const sentAt = performance.now();
    const answer = await pool.request({
      path: '/v1/events',
      method: 'POST',
      headers: HEADERS,
      body,
    });
    const said: unknown = await answer.body.json();
    latencies.push(performance.now() - sentAt);
    if (answer.statusCode === 202) {
      const { accepted, rejected } = RECEIPT.parse(said);
      tally.accepted += accepted;
      tally.rejected += rejected.length;
    } else {
      const status = String(answer.statusCode);
      refused.set(status, (refused.get(status) ?? 0) + 1);
    }
  };
  const msPerRequest =
    load.eventsPerSecond === undefined ? 0 : (load.eventsPerRequest * 1_000) / load.eventsPerSecond;
  const sendInTurn = async (): Promise<void> => {
    for (let index = next; index < requests.length; index = next) {
      next += 1;
      const aheadMs = begun.at + index * msPerRequest - performance.now();
      if (aheadMs > PACE_MS) await pause(aheadMs);
      await sendOne(requests[index] ?? Buffer.alloc(0));
    }
  };
  await Promise.all(Array.from({ length: load.connections }, sendInTurn));
  const seconds = (performance.now() - begun.at) / 1_000;
  const { user, system } = process.cpuUsage(begun.cpu);
  await pool.close();
  return {
    requests: requests.length,
    ...tally,
    refused: Object.fromEntries(refused),
    seconds,
    latencyMs: percentilesOf(latencies),
    cpuSeconds: (user + system) / 1e6,
  };
}
