import { randomUUID } from 'node:crypto';

import swagger from '@fastify/swagger';
import swaggerUi from '@fastify/swagger-ui';
import { Fault } from '@kpi/core';
import fastify, {
  type FastifyBaseLogger,
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
  LogController,
  type RawReplyDefaultExpression,
  type RawRequestDefaultExpression,
  type RawServerDefault,
} from 'fastify';
import {
  type ZodTypeProvider,
  jsonSchemaTransform,
  validatorCompiler,
} from 'fastify-type-provider-zod';
import { z } from 'zod';

import { registerProbes } from './http-probes.ts';
import type { Logger } from './log.ts';
import { Gauge, Histogram, type Metrics } from './metrics.ts';
import { PROBLEM_MEDIA_TYPE, problemOf, retryAfterS } from './problem.ts';
import type { Service } from './service.ts';

declare module 'fastify' {
  interface FastifyInstance {
    /** Aborts when the server begins to close: streams end on it. */
    readonly closing: AbortSignal;
  }
}

/** A Fastify instance whose route schemas are zod and whose errors are problem documents. */
export type HttpServer = FastifyInstance<
  RawServerDefault,
  RawRequestDefaultExpression,
  RawReplyDefaultExpression,
  FastifyBaseLogger,
  ZodTypeProvider
>;

export interface HttpOptions {
  readonly log: Logger;
  readonly metrics: Metrics;
  /** Largest request body; a larger one is refused with 413. */
  readonly bodyBytesMax?: number;
  /** The services behind this server, asked at every `/readyz`. */
  readonly services?: () => readonly Service[];
}

/** Where a server listens. Spread into a service's own options. */
export const HTTP_OPTIONS = {
  KPI_HTTP_HOST: z
    .string()
    .default('127.0.0.1')
    .describe('Address to listen on. Anything but loopback needs API keys.'),
  KPI_HTTP_PORT: z.coerce
    .number()
    .int()
    .min(0)
    .max(65_535)
    .default(8080)
    .describe('Port to listen on; 0 takes a free one.'),
} as const;

export const BODY_BYTES_MAX = 5 * 1024 * 1024;
/** A request that takes longer to arrive is a stuck or hostile client. */
const REQUEST_MS_MAX = 30_000;
/** Longer than the idle time of common load balancers, so that they close first. */
const KEEP_ALIVE_MS = 72_000;
const PARAM_CHARS_MAX = 200;
/** What is still open this long after close began is cut off. */
const CLOSE_GRACE_MS = 5_000;
/** The page shows one reference only, so the bar that opens others is left out. */
const DOCS_THEME = {
  title: 'KPI Stream: API reference',
  css: [{ filename: 'reference.css', content: '.swagger-ui .topbar { display: none }' }],
};
const REQUEST_ID = /^[\w.:-]{1,64}$/;

/**
 * A server with request ids, problem documents, `/healthz`, `/readyz`, `/metrics`, `/docs` and `/openapi.json`. Services
 * register their routes on it; {@link listen} opens the port once all of them have.
 */
export async function createHttp(options: HttpOptions): Promise<HttpServer> {
  const log: FastifyBaseLogger = options.log;
  const http = fastify({
    loggerInstance: log,
    logController: new LogController({
      disableRequestLogging: true,
      requestIdLogLabel: 'request_id',
    }),
    bodyLimit: options.bodyBytesMax ?? BODY_BYTES_MAX,
    requestTimeout: REQUEST_MS_MAX,
    keepAliveTimeout: KEEP_ALIVE_MS,
    forceCloseConnections: 'idle',
    genReqId: requestId,
    routerOptions: { maxParamLength: PARAM_CHARS_MAX },
  }).withTypeProvider<ZodTypeProvider>();
  http.setValidatorCompiler(validatorCompiler);
  // Response schemas are for the reference only: tests hold answers against them, not every request.
  http.setSerializerCompiler(() => (body) => JSON.stringify(body));
  answerProblems(http);
  measure(http, options.metrics);
  closeInTime(http);
  await document(http);
  registerProbes(http, options.metrics, options.services ?? (() => []));
  return http;
}

/** Open the port; answers with the base URL. Throws a Fault `port_taken` when another program holds it. */
export async function listen(
  http: HttpServer,
  address: { readonly host: string; readonly port: number },
): Promise<string> {
  try {
    await http.listen({ ...address, listenTextResolver: () => 'http port opened' });
  } catch (error) {
    if (!isCode(error, 'EADDRINUSE')) throw error;
    throw new Fault(
      'port_taken',
      `port ${address.port} on ${address.host} is in use: set KPI_HTTP_PORT to another one`,
      { cause: error },
    );
  }
  const bound = http.server.address();
  const port = typeof bound === 'object' && bound !== null ? bound.port : address.port;
  return `http://${address.host.includes(':') ? `[${address.host}]` : address.host}:${port}`;
}

/** The caller's own id when it is harmless, else a new one. */
function requestId(request: { readonly headers: NodeJS.Dict<string | string[]> }): string {
  const given = request.headers['x-request-id'];
  return typeof given === 'string' && REQUEST_ID.test(given) ? given : randomUUID();
}

function answerProblems(http: HttpServer): void {
  http.addHook('onRequest', async (request, reply) => {
    reply.header('x-request-id', request.id).header('x-content-type-options', 'nosniff');
  });
  http.setErrorHandler((error, request, reply) => sendProblem(error, request, reply));
  http.setNotFoundHandler((request, reply) =>
    sendProblem(
      new Fault('not_found', `nothing answers ${request.method} ${pathOf(request)}`),
      request,
      reply,
    ),
  );
}

function sendProblem(error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const problem = problemOf(error, { id: request.id, path: pathOf(request) });
  if (problem.status >= 500) {
    request.log.error({ err: error, code: problem.code, path: problem.instance }, 'request failed');
  }
  const retryAfter = retryAfterS(problem.status);
  if (retryAfter !== undefined && !reply.hasHeader('retry-after')) {
    reply.header('retry-after', retryAfter);
  }
  if (problem.status === 401) reply.header('www-authenticate', 'Bearer');
  return reply.code(problem.status).type(PROBLEM_MEDIA_TYPE).send(JSON.stringify(problem));
}

function pathOf(request: FastifyRequest): string {
  return request.url.split('?', 1)[0] ?? '/';
}

function measure(http: HttpServer, metrics: Metrics): void {
  const seconds = new Histogram({
    name: 'kpi_http_request_seconds',
    help: 'Time from a request to the end of its answer, by route and status.',
    labelNames: ['method', 'route', 'status'],
    buckets: [0.001, 0.005, 0.01, 0.02, 0.05, 0.1, 0.3, 1, 3, 10],
    registers: [metrics],
  });
  const active = new Gauge({
    name: 'kpi_http_active_requests',
    help: 'Requests in hand, by route. A stream is in hand for as long as its client stays.',
    labelNames: ['route'],
    registers: [metrics],
  });
  http.addHook('onRequest', async (request, reply) => {
    const labels = { route: request.routeOptions.url ?? 'none' };
    active.inc(labels);
    reply.raw.once('close', () => active.dec(labels));
  });
  http.addHook('onResponse', async (request, reply) => {
    const route = request.routeOptions.url ?? 'none';
    const labels = { method: request.method, route, status: String(reply.statusCode) };
    request.log.debug({ ...labels, took_ms: Math.round(reply.elapsedTime) }, 'request answered');
    seconds.observe(labels, reply.elapsedTime / 1_000);
  });
}

/** Answers in hand are finished, streams are asked to end, and what remains is cut off after the grace. */
function closeInTime(http: HttpServer): void {
  const closing = new AbortController();
  http.decorate('closing', closing.signal);
  http.addHook('preClose', async () => {
    closing.abort();
    setTimeout(() => http.server.closeAllConnections(), CLOSE_GRACE_MS).unref();
  });
}

async function document(http: HttpServer): Promise<void> {
  await http.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'KPI Stream',
        version: '1',
        description:
          'Live and historical KPIs of customer education and onboarding. Errors are RFC 9457 problem documents with a stable `code`.',
      },
      tags: [
        { name: 'kpis' },
        { name: 'ingest' },
        { name: 'export' },
        { name: 'dead letters' },
        { name: 'operation' },
      ],
      components: { securitySchemes: { apiKey: { type: 'http', scheme: 'bearer' } } },
    },
    transform: jsonSchemaTransform,
  });
  await http.register(swaggerUi, { routePrefix: '/docs', staticCSP: true, theme: DOCS_THEME });
  http.get('/openapi.json', { schema: { hide: true } }, async () => http.swagger());
}

function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
