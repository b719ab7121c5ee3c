import { Fault } from '@kpi/core';
import {
  areKeysRequired,
  ErasedSubjects,
  Erasures,
  assertSuitable,
  closeRedis,
  createApiKeys,
  createIdentity,
  createRedis,
  createTenantSalts,
  reach,
  type RedisClient,
  withPresence,
} from '@kpi/redis';
import {
  createHttp,
  type HttpServer,
  isLocalName,
  listen,
  type Logger,
  type Readiness,
  type Service,
  type ServiceContext,
  watchGauge,
} from '@kpi/runtime';

import { openDeadLetters } from './dead-letters/open-dead-letters.ts';
import { registerDeadLetters } from './dead-letters/routes.ts';
import { createEventLog, type EventLog } from './event-log.ts';
import { createInFlight } from './in-flight.ts';
import { createIngestMetrics } from './ingest-metrics.ts';
import { type IngestConfig } from './options.ts';
import { createRateLimit } from './rate-limit.ts';
import { createReceiver } from './receive.ts';
import { registerRoutes } from './routes.ts';

export interface IngestService extends Service {
  /** Where it listens; null when it was given a server. */
  readonly url: string | null;
}

/**
 * Start ingest: `POST /v1/events` on `shared`, or on a server of its own at KPI_HTTP_HOST and KPI_HTTP_PORT. A broker or
 * registry that is away does not stop the start, requests are answered 503 until it is back; topics or schemas that
 * contradict ours do.
 */
export async function start(
  config: IngestConfig,
  context: ServiceContext,
  shared?: HttpServer,
): Promise<IngestService> {
  const { log, metrics } = context;
  const redis = await createRedis(config, log);
  const events = createEventLog(config, log);
  const running: Service[] = [];
  let deadLetters: { close(): Promise<void> } | undefined;
  const http = shared ?? (await createHttp({ log, metrics, services: () => running }));
  const close = closeOnce(async () => {
    if (shared === undefined) await http.close();
    await deadLetters?.close();
    await events.close();
    await closeRedis(redis);
  });
  try {
    await assertSuitable(redis);
    await makeContact(events, log);
    const wired = wire(config, context, { redis, events });
    deadLetters = wired.deadLetters;
    await registerRoutes(http, wired);
    registerDeadLetters(http, {
      ...wired.deadLetters,
      keys: wired.keys,
      operatorTenant: config.KPI_OPERATOR_TENANT,
      isLocalOnly: isLocalName(config.KPI_HTTP_HOST),
      log,
    });
    const address = { host: config.KPI_HTTP_HOST, port: config.KPI_HTTP_PORT };
    const url = shared === undefined ? await listen(http, address) : null;
    const store = { client: redis, prefix: config.KPI_REDIS_PREFIX };
    const service = withPresence(
      { name: 'ingest', url, readiness: () => readinessOf({ redis, events }), close },
      { ...store, clock: context.clock, log },
    );
    running.push(service);
    log.info({ url }, 'ingest started');
    return service;
  } catch (error) {
    await close();
    throw error;
  }
}

interface Engines {
  readonly redis: RedisClient;
  readonly events: EventLog;
}

function wire(config: IngestConfig, context: ServiceContext, { redis, events }: Engines) {
  const { log, clock } = context;
  const store = { client: redis, prefix: config.KPI_REDIS_PREFIX };
  const areRequired = areKeysRequired(config, config.KPI_HTTP_HOST);
  if (!areRequired) log.info({ host: config.KPI_HTTP_HOST }, 'ingest needs no API key');
  const metrics = createIngestMetrics(context.metrics);
  const inFlight = createInFlight(config.KPI_INGEST_IN_FLIGHT_BYTES_MAX);
  watchGauge(context.metrics, {
    name: 'kpi_ingest_in_flight_bytes',
    help: 'Bytes of the requests under way, 16 KiB added for each.',
    read: () => [{ value: inFlight.bytes }],
  });
  const receiving = {
    identity: createIdentity(store),
    salts: createTenantSalts(store),
    erasures: new Erasures(store),
    erased: new ErasedSubjects({ ...store, clock, stage: 'asked' }),
    metrics,
    clock,
    futureMsMax: config.KPI_FUTURE_MS_MAX,
  };
  return {
    metrics,
    deadLetters: openDeadLetters(config, context, { log: events, receiving }),
    keys: createApiKeys({ ...store, areRequired, clock }),
    rateLimit: createRateLimit({ eventsPerS: config.KPI_INGEST_EVENTS_PER_S_MAX, clock }),
    inFlight,
    receiver: createReceiver({ ...receiving, log: events }),
  };
}

async function makeContact(events: EventLog, log: Logger): Promise<void> {
  try {
    await events.contact();
  } catch (error) {
    if (!(error instanceof Fault) || !error.retryable) throw error;
    log.warn({ err: error, code: error.code }, 'the event log is not ready yet');
  }
}

async function readinessOf({ redis, events }: Engines): Promise<Readiness> {
  try {
    await events.contact();
    await Promise.all([events.probe(), reach('ping', redis.ping())]);
    return { isReady: true };
  } catch (error) {
    return { isReady: false, reason: error instanceof Fault ? error.detail : 'unknown' };
  }
}

/** The same promise for every call, so that closing twice closes once. */
function closeOnce(work: () => Promise<void>): () => Promise<void> {
  let closing: Promise<void> | undefined;
  return () => (closing ??= work());
}
