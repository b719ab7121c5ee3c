import { EVENT_TYPES, Fault } from '@kpi/core';
import { type ApiKeys, type Caller } from '@kpi/redis';
import { BODY_BYTES_MAX, type HttpServer } from '@kpi/runtime';
import { type FastifyReply, type FastifyRequest } from 'fastify';
import { z } from 'zod';

import { type InFlight } from './in-flight.ts';
import { type IngestMetrics } from './ingest-metrics.ts';
import { type RateLimit } from './rate-limit.ts';
import { type Receiver } from './receive.ts';
import { BATCH_EVENTS_MAX, MEDIA_TYPES } from './request-body.ts';

export interface RouteOptions {
  readonly receiver: Receiver;
  readonly keys: ApiKeys;
  readonly rateLimit: RateLimit;
  readonly inFlight: InFlight;
  readonly metrics: IngestMetrics;
}

/** For the reference only: each event is checked on its own, so that one wrong event does not refuse the others. */
const eventBody = z
  .object({
    event_id: z.string().optional().describe('Unique within source. Absent: derived from content.'),
    event_type: z.enum(EVENT_TYPES),
    source: z.string().describe('System that reports the event, such as stripe.'),
    source_event_type: z.string().nullable().optional(),
    source_version: z.int().optional().describe('Same id again: the higher version wins.'),
    occurred_at: z.iso.datetime({ offset: true }),
    account_id: z.string().nullable().optional(),
    user_id: z.string().nullable().optional(),
    anonymous_id: z.string().nullable().optional(),
    external_ids: z.record(z.string(), z.string()).optional(),
    retracts: z.string().nullable().optional().describe('Id of an event that this one takes back.'),
    pii_class: z.enum(['none', 'pseudonymous', 'personal']).optional(),
    attributes: z.record(z.string(), z.string()).optional(),
    properties: z
      .record(z.string(), z.unknown())
      .describe('Fields of the type; others are kept as attributes.'),
  })
  .describe('Canonical event. CloudEvents 1.0 carry the same in their attributes and data.');

const receipt = z.object({
  accepted: z.int().describe('Events that all in-sync replicas of the log have.'),
  rejected: z
    .array(
      z.object({
        index: z.int().describe('Position in the request, from 0.'),
        code: z.string(),
        message: z.string(),
        path: z.string().describe('JSON pointer into the event as it was sent.'),
      }),
    )
    .describe('Events that were refused and kept as dead letters.'),
});

const schema = {
  tags: ['ingest'],
  summary: 'Send events',
  description:
    'Canonical JSON or CloudEvents (structured, batched or binary), one or an array. 202 means that every event is either durable or listed as refused. 400: nothing could be read. 503: send the whole request again later; ids make that harmless.',
  security: [{ apiKey: [] }],
  consumes: [...MEDIA_TYPES],
  headers: z.object({
    'kpi-tenant': z
      .string()
      .optional()
      .describe('Owner of the data; read only where no API key is required.'),
  }),
  body: z.union([eventBody, z.array(eventBody).max(BATCH_EVENTS_MAX)]),
  response: { 202: receipt },
};

/** `POST /v1/events`. The body reaches the handler as bytes, whatever its media type: the dead letters keep it as it was. */
export async function registerRoutes(http: HttpServer, options: RouteOptions): Promise<void> {
  await http.register(async (scope) => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser([...MEDIA_TYPES], { parseAs: 'buffer' }, (_request, body, done) =>
      done(null, body),
    );
    const callers = new WeakMap<FastifyRequest, Caller>();
    scope.post('/v1/events', {
      schema,
      validatorCompiler: () => (value) => ({ value }),
      onRequest: async (request, reply) => {
        callers.set(request, await admit(request, reply, options));
      },
      handler: async (request, reply) => {
        const caller = callers.get(request);
        if (caller === undefined) throw new TypeError('a request was not admitted');
        return answer(request, reply, { ...options, caller });
      },
    });
  });
}

/** Who sends, before the body is read. */
async function admit(
  request: FastifyRequest,
  reply: FastifyReply,
  { keys, rateLimit, inFlight }: RouteOptions,
): Promise<Caller> {
  const tenant = request.headers['kpi-tenant'];
  const caller = await keys.authenticate(
    {
      authorization: request.headers.authorization,
      tenant: typeof tenant === 'string' ? tenant : undefined,
    },
    'ingest',
  );
  if (request.headers['content-encoding'] !== undefined) {
    throw new Fault('parameter_invalid', 'compressed bodies are not read', {
      path: '/headers/content-encoding',
    });
  }
  const payer = payerOf(caller);
  try {
    rateLimit.check(payer);
  } catch (error) {
    reply.header('retry-after', rateLimit.retryAfterS(payer));
    throw error;
  }
  const { release } = inFlight.admit(bodyBytesOf(request));
  // Whether it was answered or given up by the client.
  reply.raw.once('close', release);
  return caller;
}

async function answer(
  request: FastifyRequest,
  reply: FastifyReply,
  { receiver, rateLimit, metrics, caller }: RouteOptions & { readonly caller: Caller },
): Promise<FastifyReply> {
  const body: unknown = request.body;
  const stop = metrics.requestSeconds.startTimer();
  try {
    const result = await receiver.receive({
      headers: request.headers,
      body: Buffer.isBuffer(body) ? body : Buffer.alloc(0),
      tenantId: caller.tenantId,
      onCounted: (events) => rateLimit.charge(payerOf(caller), events),
    });
    stop({ status: 'accepted' });
    return await reply.code(202).send(result);
  } catch (error) {
    stop({ status: error instanceof Fault ? error.code : 'failed' });
    throw error;
  }
}

/** What the body will take: as announced, or without that the most that is read. */
function bodyBytesOf({ headers }: FastifyRequest): number {
  const announced = Number(headers['content-length']);
  return announced >= 0 ? Math.min(announced, BODY_BYTES_MAX) : BODY_BYTES_MAX;
}

/** Whose budget a request uses: the key's, or without keys the tenant's. */
function payerOf({ keyId, tenantId }: Caller): string {
  return keyId ?? `tenant:${tenantId}`;
}
