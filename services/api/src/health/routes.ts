import type { HttpServer } from '@kpi/runtime';

import type { TenantOf } from '../access.ts';
import { KEY_REFUSALS } from '../schemas.ts';
import { healthAnswer } from './health-answer.ts';
import type { ReadHealth } from './health-monitor.ts';
import { type ReadStatus, statusPageAnswer } from './status.ts';

const COMMON = { tags: ['operation'], security: [{ apiKey: [] }] };

/** `GET /v1/status`, how far the live numbers are, and `GET /v1/health`, how the whole pipeline is. */
export function registerHealth(
  http: HttpServer,
  options: {
    readonly readStatus: ReadStatus;
    readonly readHealth: ReadHealth;
    /** Tenants that a caller without a key may name. */
    readonly readTenants: () => string[];
    readonly tenantOf: TenantOf;
  },
): void {
  const { readStatus, readHealth, readTenants, tenantOf } = options;
  http.get(
    '/v1/status',
    {
      schema: {
        ...COMMON,
        summary: 'How far the live numbers are',
        response: { 200: statusPageAnswer, ...KEY_REFUSALS },
      },
    },
    async (request) => ({ ...readStatus(await tenantOf(request)), tenants: readTenants() }),
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
