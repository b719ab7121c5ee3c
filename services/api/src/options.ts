import { fileURLToPath } from 'node:url';

import { API_KEY_OPTIONS } from '@kpi/redis';
import { ENGINE_OPTIONS, LOG_OPTIONS, HTTP_OPTIONS } from '@kpi/runtime';
import { z } from 'zod';

/** Options of the api service. */
export const apiOptions = z.object({
  ...ENGINE_OPTIONS,
  ...HTTP_OPTIONS,
  ...LOG_OPTIONS,
  ...API_KEY_OPTIONS,
  KPI_API_REQUESTS_PER_MINUTE: z.coerce
    .number()
    .int()
    .min(1)
    .default(6_000)
    .describe('Requests a minute that one key, or one address without a key, may make.'),
  KPI_API_STREAMS_MAX: z.coerce
    .number()
    .int()
    .min(2)
    .default(1_000)
    .describe('Open streams of one process; one tenant may have half of them.'),
  KPI_VERIFY_INTERVAL_MS: z.coerce
    .number()
    .int()
    .min(0)
    .default(600_000)
    .describe(
      'How often the live store is verified against history, by one api process of all; 0: only by command.',
    ),
  KPI_DASHBOARD_DIR: z
    .string()
    .default(fileURLToPath(new URL('../../dashboard/dist/', import.meta.url)))
    .describe('Folder of the page that is served at `/`.'),
});

export type ApiConfig = z.infer<typeof apiOptions>;
