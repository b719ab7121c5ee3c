import type { LiveView } from '@kpi/redis';
import type { HttpServer } from '@kpi/runtime';
import { z } from 'zod';

import type { TenantOf } from '../access.ts';
import { KEY_REFUSALS } from '../schemas.ts';
import { healthAnswer } from './health-answer.ts';
import { type ReadHealth, countEvents } from './health-monitor.ts';

const statusAnswer = z.object({
  events_counted: z.int().describe('Events applied to the live store since it was made.'),
  fresh_at: z.iso.datetime().describe('When this process last agreed with the live store.'),
});

const COMMON = { tags: ['operation'], security: [{ apiKey: [] }] };

/** `GET /v1/status`, how far the live numbers are, and `GET /v1/health`, how the whole pipeline is. */
export function registerHealth(
  http: HttpServer,
  options: {
    readonly view: LiveView;
    readonly readHealth: ReadHealth;
    readonly tenantOf: TenantOf;
  },
): void {
  const { view, readHealth, tenantOf } = options;
  http.get(
    '/v1/status',
    {
      schema: {
        ...COMMON,
        summary: 'How many events the live numbers hold, and as of when',
        response: { 200: statusAnswer, ...KEY_REFUSALS },
      },
    },
    async (request) => {
      await tenantOf(request);
      return {
        events_counted: countEvents(view),
        fresh_at: new Date(view.freshAt).toISOString(),
      };
    },
  );
  http.get(
    '/v1/health',
    {
      schema: {
        ...COMMON,
        summary: 'Throughput, lag, freshness, dead letters, verification, engines and processes',
        description:
          'Always 200 while this process answers: what is wrong is in `status` and `problems`. Sources and dead letters are those of the tenant.',
        response: { 200: healthAnswer, ...KEY_REFUSALS },
      },
    },
    async (request) => readHealth(await tenantOf(request)),
  );
}
