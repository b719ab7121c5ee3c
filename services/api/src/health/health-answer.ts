import { z } from 'zod';

const time = z.iso.datetime();

const partitionLag = z.object({
  partition: z.int(),
  aggregate: z.int().describe('Records of the log that the live store has not applied.'),
  archive: z.int().describe('Records of the log that history does not hold.'),
  kept: z.int().describe('Records that the log still holds.'),
  retention_used: z
    .number()
    .describe(
      'Share of what the log holds that a consumer has not read, once retention has begun to delete; at 1 events are lost.',
    ),
});

const topicLag = partitionLag
  .pick({ aggregate: true, archive: true, kept: true })
  .extend({ topic: z.string() });

const letterReason = z.object({
  reason: z.string().describe('Fault code.'),
  count: z.int(),
  sources: z.array(z.string()),
});

const letter = z.object({
  refused_at: time,
  reason: z.string().describe('Fault code.'),
  path: z.string().nullable().describe('Field of the event that is at fault.'),
  source: z.string().nullable(),
  origin: z.string().describe('`http`, `import`, or the topic it was read from.'),
});

const engine = z.object({
  name: z.enum(['kafka', 'registry', 'redis', 'clickhouse']),
  state: z.enum(['up', 'down']),
  answer_ms: z.int().nullable().describe('How long it took to answer; null when it did not.'),
});

const presence = z.object({
  service: z.string(),
  instance: z.string().describe('Host and process id.'),
  version: z.string(),
  started_at: time,
  seen_at: time.describe('When it last said that it is there, every 3 s.'),
  ready: z.boolean(),
  reason: z.string().nullable().describe('Why it makes no progress.'),
});

const verification = z.object({
  at: time,
  against: z.enum(['history', 'log']),
  clean: z.boolean(),
  questions: z.int(),
  disagreements: z.int(),
  unequal_partitions: z.int(),
  took_ms: z.int(),
});

/** The whole pipeline at one moment, for pages, people and scripts. */
export const healthAnswer = z.object({
  at: time,
  status: z.enum(['ok', 'degraded']),
  problems: z.array(z.string()).describe('What is wrong, in sentences; empty when all is well.'),
  events: z.object({
    counted: z.int().describe('Events applied to the live store since it was made.'),
    per_second: z.number().describe('Applied per second, on average over `over_s`.'),
    over_s: z.number(),
  }),
  live: z.object({
    fresh_at: time.describe('When this process last agreed with the live store.'),
    published_at: time
      .nullable()
      .describe('When an evaluator was last seen at work; null when none ever was.'),
  }),
  lag: z
    .object({
      aggregate: z.int(),
      archive: z.int(),
      partitions: z.array(partitionLag),
      topics: z.array(topicLag),
    })
    .nullable()
    .describe('By consumer, over all input topics; null when the log or the live store is away.'),
  sources: z.array(z.object({ source: z.string(), last_event_at: time })),
  dead_letters: z.object({
    kept: z
      .int()
      .nullable()
      .describe(
        'Records in the dead-letter topic; replayed or dropped ones count until compaction.',
      ),
    by_reason: z
      .array(letterReason)
      .describe('The newest 50 by reason, the commonest first; those of the tenant.'),
    latest: z.array(letter).describe('Newest first, without anything that the events said.'),
  }),
  verify: verification.nullable().describe('The last `kpi verify`; null when there was none.'),
  engines: z.array(engine),
  processes: z.array(presence),
});

export type HealthAnswer = Readonly<z.output<typeof healthAnswer>>;
