import type { LiveView } from '@kpi/redis';
import type { HttpServer } from '@kpi/runtime';
import { z } from 'zod';

import type { TenantOf } from './access.ts';
import { KEY_REFUSALS } from './schemas.ts';

/** What the live store has taken in, for pages and people. */
interface StatusAnswer {
  readonly events_counted: number;
  readonly fresh_at: string;
}

const statusAnswer: z.ZodType<StatusAnswer> = z.object({
  events_counted: z.int().describe('Events applied to the live store since it was made.'),
  fresh_at: z.iso.datetime().describe('When this process last agreed with the live store.'),
});

const EVENTS = 'events:';

/** `GET /v1/status`: how far the live numbers are. */
export function registerStatus(
  http: HttpServer,
  options: {
    readonly view: LiveView;
    readonly tenantOf: TenantOf;
  },
): void {
  const { view, tenantOf } = options;
  http.get(
    '/v1/status',
    {
      schema: {
        tags: ['operation'],
        security: [{ apiKey: [] }],
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
}

function countEvents(view: LiveView): number {
  const counts = view.positions().flatMap((position) => [...position.counts]);
  return counts.reduce((sum, [name, count]) => (name.startsWith(EVENTS) ? sum + count : sum), 0);
}
