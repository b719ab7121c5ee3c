import { ENGINE_OPTIONS, LOG_OPTIONS, PROBE_OPTIONS } from '@kpi/runtime';
import { z } from 'zod';

/** Options of the aggregate service. */
export const aggregateOptions = z.object({
  ...ENGINE_OPTIONS,
  ...PROBE_OPTIONS,
  ...LOG_OPTIONS,
  KPI_AGGREGATE_BATCH_EVENTS: z.coerce
    .number()
    .int()
    .min(1)
    .max(100_000)
    .default(50_000)
    .describe(
      'Most events that one atomic script applies, while catching up. More are cheaper, fewer keep Redis more responsive.',
    ),
  KPI_AGGREGATE_HOMES_CACHED: z.coerce
    .number()
    .int()
    .min(0)
    .default(1_000)
    .describe('Accounts whose facts are kept in memory, over all partitions of the process.'),
});

export type AggregateConfig = z.infer<typeof aggregateOptions>;
