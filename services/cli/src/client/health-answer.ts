import { z } from 'zod';

/** Records that a consumer has not taken yet, and how many the log holds. */
const behind = z.object({ aggregate: z.number(), archive: z.number(), kept: z.number() });

/** Answer of `GET /v1/health`, as far as it is used here; `--json` passes on whatever else the API sends. */
export const healthAnswer = z.object({
  at: z.string(),
  status: z.enum(['ok', 'degraded']),
  problems: z.array(z.string()),
  events: z.object({ counted: z.number(), per_second: z.number() }),
  live: z.object({ fresh_at: z.string(), published_at: z.string().nullable() }),
  lag: z
    .object({
      aggregate: z.number(),
      archive: z.number(),
      partitions: z.array(behind.extend({ partition: z.number(), retention_used: z.number() })),
      topics: z.array(behind.extend({ topic: z.string() })),
    })
    .nullable(),
  sources: z.array(z.object({ source: z.string(), last_event_at: z.string() })),
  dead_letters: z.object({
    kept: z.number().nullable(),
    by_reason: z.array(
      z.object({ reason: z.string(), count: z.number(), sources: z.array(z.string()) }),
    ),
    latest: z.array(
      z.object({
        refused_at: z.string(),
        reason: z.string(),
        path: z.string().nullable(),
        source: z.string().nullable(),
        origin: z.string(),
      }),
    ),
  }),
  verify: z
    .object({
      at: z.string(),
      against: z.string(),
      clean: z.boolean(),
      questions: z.number(),
      disagreements: z.number(),
      unequal_partitions: z.number(),
      took_ms: z.number(),
    })
    .nullable(),
  engines: z.array(
    z.object({ name: z.string(), state: z.string(), answer_ms: z.number().nullable() }),
  ),
  processes: z.array(
    z.object({
      service: z.string(),
      instance: z.string(),
      version: z.string(),
      started_at: z.string(),
      ready: z.boolean(),
      reason: z.string().nullable(),
    }),
  ),
});

export type Health = z.infer<typeof healthAnswer>;
