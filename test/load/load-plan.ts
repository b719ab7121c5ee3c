import { z } from 'zod';

/** What a load generator is to send. */
export const LOAD_PLAN = z.object({
  /** Base URL of ingest. */
  url: z.string(),
  seed: z.number(),
  accounts: z.number(),
  /** When the workload ends, ms. */
  endMs: z.number(),
  /** Events sent in all, repeated ones included. */
  events: z.number(),
  eventsPerRequest: z.number(),
  /** Requests under way at the same time, each on a connection of its own. */
  connections: z.number(),
  /** Events per second, evenly; as fast as answers come without. */
  eventsPerSecond: z.number().optional(),
});

export type LoadPlan = Readonly<z.infer<typeof LOAD_PLAN>>;

/** Milliseconds at which half, and 99 of 100, were done. */
const LATENCY = z.object({ p50: z.number(), p95: z.number(), p99: z.number(), max: z.number() });

/** What became of a {@link LoadPlan}. */
export const LOAD_RESULT = z.object({
  requests: z.number(),
  accepted: z.number(),
  rejected: z.number(),
  /** Requests that were answered anything but 202, by status. */
  refused: z.record(z.string(), z.number()),
  seconds: z.number(),
  /** From the request to the end of its answer. */
  latencyMs: LATENCY,
  /** Of the load generator itself, while it sent. */
  cpuSeconds: z.number(),
});

export type LoadResult = Readonly<z.infer<typeof LOAD_RESULT>>;
