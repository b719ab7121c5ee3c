import { API_KEY_OPTIONS, DEFAULT_TENANT } from '@kpi/redis';
import { ENGINE_OPTIONS, LOG_OPTIONS, HTTP_OPTIONS } from '@kpi/runtime';
import { z } from 'zod';

/** Everything ingest can be told. */
export const INGEST_OPTIONS = z.object({
  ...ENGINE_OPTIONS,
  ...HTTP_OPTIONS,
  ...LOG_OPTIONS,
  ...API_KEY_OPTIONS,
  KPI_FUTURE_MS_MAX: z.coerce
    .number()
    .int()
    .min(0)
    .default(300_000)
    .describe(
      'An event that lies further in the future is refused. Allows for clocks that differ.',
    ),
  KPI_INGEST_EVENTS_PER_S_MAX: z.coerce
    .number()
    .int()
    .min(1)
    .default(100_000)
    .describe('Events per second that one API key may send to one ingest process.'),
  KPI_INGEST_IN_FLIGHT_BYTES_MAX: z.coerce
    .number()
    .int()
    .min(1)
    .default(67_108_864)
    .describe(
      'Bytes of requests that are under way, 16 KiB added for each; beyond it requests are answered 503.',
    ),
  KPI_OPERATOR_TENANT: z
    .string()
    .default(DEFAULT_TENANT)
    .describe('Tenant whose admins deal with dead letters of which nobody knows whose they are.'),
});

export type IngestConfig = z.infer<typeof INGEST_OPTIONS>;
