import rateLimit from '@fastify/rate-limit';
import { Fault } from '@kpi/core';
import type { ApiKeys } from '@kpi/redis';
import type { HttpServer } from '@kpi/runtime';
import type { FastifyRequest } from 'fastify';

/** Callers that are counted at a time; the least recent are forgotten. */
const CALLERS_MAX = 10_000;

/** The tenant whose numbers the request may read. Throws `key_missing`, `key_forbidden`, `store_unreachable`. */
export async function readingTenant(keys: ApiKeys, request: FastifyRequest): Promise<string> {
  const tenant = request.headers['kpi-tenant'];
  const caller = await keys.authenticate(
    {
      authorization: request.headers.authorization,
      tenant: typeof tenant === 'string' ? tenant : undefined,
    },
    'read',
  );
  return caller.tenantId;
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
