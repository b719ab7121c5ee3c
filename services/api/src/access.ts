import rateLimit from '@fastify/rate-limit';
import { Fault } from '@kpi/core';
import type { ApiKeys } from '@kpi/redis';
import { type HttpServer, isLocalName } from '@kpi/runtime';
import type { FastifyRequest } from 'fastify';

/** Callers that are counted at a time; the least recent are forgotten. */
const CALLERS_MAX = 10_000;

/** Finds the tenant whose numbers a request may read. Throws `key_missing`, `key_forbidden`, `store_unreachable`. */
export type TenantOf = (request: FastifyRequest) => Promise<string>;

export interface AccessOptions {
  readonly keys: ApiKeys;
  /** Whether requests without a key may only come by a name of this machine. */
  readonly isLocalOnly: boolean;
}

export function createAccess({ keys, isLocalOnly }: AccessOptions): TenantOf {
  return async ({ headers }) => {
    const tenant = headers['kpi-tenant'];
    const caller = await keys.authenticate(
      {
        authorization: headers.authorization,
        tenant: typeof tenant === 'string' ? tenant : undefined,
      },
      'read',
    );
    if (caller.keyId === null && isLocalOnly && !isLocalName(headers.host)) {
      throw new Fault('key_missing', 'without a key, ask for localhost');
    }
    return caller.tenantId;
  };
}

/** Refuse what one caller asks beyond its share, with 429 and `Retry-After`. */
export async function limitRate(http: HttpServer, perMinute: number): Promise<void> {
  await http.register(rateLimit, {
    max: perMinute,
    timeWindow: 60_000,
    cache: CALLERS_MAX,
    keyGenerator: (request) => request.headers.authorization ?? request.ip,
    errorResponseBuilder: () =>
      new Fault('rate_limited', `more than ${perMinute} requests in a minute`),
  });
}
