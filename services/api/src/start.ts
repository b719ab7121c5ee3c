import { areKeysRequired, readDefinitionsChange, withPresence } from '@kpi/redis';
import {
  type HttpServer,
  type Readiness,
  type Service,
  type ServiceContext,
  createHttp,
  isLocalName,
  listen,
} from '@kpi/runtime';

import { createAccess, limitRate } from './access.ts';
import { createAnswers } from './answers.ts';
import { createComparisons } from './compare/comparisons.ts';
import { type ReportPool, createReportPool } from './compare/report-pool.ts';
import {
  createComparisonReader,
  registerComparisons,
  registerGroupComparisons,
} from './compare/routes.ts';
import { type Engines, openEngines } from './engines.ts';
import { EventRate } from './health/event-rate.ts';
import { countEvents, createHealth } from './health/health-monitor.ts';
import { registerHealth } from './health/routes.ts';
import { createStatus } from './health/status.ts';
import { VIEW_AGE_MS_MAX, createLiveReader } from './live-reader.ts';
import { registerExports } from './exports.ts';
import type { ApiConfig } from './options.ts';
import { registerMembers } from './members/routes.ts';
import { registerPage } from './page.ts';
import { registerReference } from './reference.ts';
import { registerKpis } from './routes.ts';
import { guard } from './stores.ts';
import { registerStream } from './stream.ts';
import { createApiMetrics } from './telemetry/api-metrics.ts';
import { type Telemetry, startTelemetry } from './telemetry/telemetry.ts';

/** More than anybody scrolls through. */
const TENANTS_MAX = 100;
/** Often enough for a rate over ten seconds. */
const SAMPLE_MS = 1_000;

export interface ApiService extends Service {
  /** Where it listens; null when it was given a server. */
  readonly url: string | null;
}

/**
 * Answer questions about KPIs, and serve the page. On `given` it registers its routes, and the caller listens; without it,
 * it makes its own server and listens on KPI_HTTP_HOST and KPI_HTTP_PORT. Throws `store_unreachable` when Redis is away at
 * the start; when an engine goes later, answers say so until it is back.
 */
export async function start(
  config: ApiConfig,
  context: ServiceContext,
  given?: HttpServer,
): Promise<ApiService> {
  const { log, clock, metrics } = context;
  const areRequired = areKeysRequired(config, config.KPI_HTTP_HOST);
  const apiMetrics = createApiMetrics(metrics, clock);
  const engines = await openEngines(config, {
    log,
    clock,
    areKeysRequired: areRequired,
    onArrival: (arrivedAt) => apiMetrics.countArrival(arrivedAt),
  });
  const reports = createReportPool(config, log);
  let telemetry: Telemetry | undefined;
  const http = given ?? (await createHttp({ log, metrics, services: () => [service] }));
  const rate = new EventRate();
  const sampling = setInterval(() => rate.add(clock(), countEvents(engines.view)), SAMPLE_MS);
  const bare: Service = {
    name: 'api',
    readiness: async () => readinessOf(engines, clock()),
    async close() {
      clearInterval(sampling);
      if (given === undefined) await http.close();
      await telemetry?.close();
      await reports.close();
      await engines.close();
    },
  };
  const store = { client: engines.client, prefix: config.KPI_REDIS_PREFIX };
  const service = withPresence(bare, { ...store, clock, log });
  try {
    telemetry = await startTelemetry({ config, context, engines, metrics: apiMetrics });
    await registerRoutes(http, {
      config,
      context,
      engines,
      reports,
      rate,
      areKeysRequired: areRequired,
    });
    const address = { host: config.KPI_HTTP_HOST, port: config.KPI_HTTP_PORT };
    const url = given === undefined ? await listen(http, address) : null;
    log.info({ url }, 'api started');
    if (!areRequired) log.warn({ host: config.KPI_HTTP_HOST }, 'api needs no API key');
    return { ...service, url };
  } catch (error) {
    await service.close();
    throw error;
  }
}

/** The routes in a scope of their own, so that their rate limit is not that of other services on the same server. */
async function registerRoutes(
  http: HttpServer,
  options: {
    readonly config: ApiConfig;
    readonly context: ServiceContext;
    readonly engines: Engines;
    readonly reports: ReportPool;
    readonly rate: EventRate;
    readonly areKeysRequired: boolean;
  },
): Promise<void> {
  const { config, engines, reports, rate, areKeysRequired: areRequired } = options;
  const { clock, metrics } = options.context;
  const store = { client: engines.client, prefix: config.KPI_REDIS_PREFIX };
  const live = createLiveReader(engines, clock);
  const stores = guard({ live, history: engines.history }, metrics);
  const answers = createAnswers(stores, clock);
  const comparisons = createComparisons({ reports, live: stores.live, clock });
  const readHealth = createHealth({ ...engines, ...engines.log, config, clock, rate });
  const readStatus = createStatus({ ...engines, rate, clock });
  const isLocalOnly = isLocalName(config.KPI_HTTP_HOST);
  const tenantOf = createAccess({ keys: engines.keys, isLocalOnly });
  await http.register(async (scope: HttpServer) => {
    await limitRate(scope, config.KPI_API_REQUESTS_PER_MINUTE);
    const asked = {
      clock,
      definitionsOf: (tenantId: string) => engines.view.definitionsOf(tenantId),
      readChange: async (tenantId: string, number: number) =>
        (await readDefinitionsChange(store, { tenantId, number }))?.definitions,
      tenantOf,
    };
    registerKpis(scope, { answers, ...asked });
    const compared = { comparisons, stores, history: engines.history, ...asked };
    registerComparisons(scope, compared);
    registerGroupComparisons(scope, compared);
    registerMembers(scope, { reader: engines.members, history: stores.history, ...asked });
    registerStream(scope, {
      publications: engines.publications,
      tenantOf,
      readStatus,
      readComparison: createComparisonReader(compared),
      definitionsOf: (tenantId) => engines.view.definitionsOf(tenantId),
      streamsMax: config.KPI_API_STREAMS_MAX,
    });
    const readTenants = (): string[] =>
      areRequired ? [] : engines.view.tenants().slice(0, TENANTS_MAX);
    registerHealth(scope, { readStatus, readHealth, readTenants, tenantOf });
    registerExports(scope, { exports: engines.exports, tenantOf });
  });
  registerReference(http);
  await registerPage(http, config.KPI_DASHBOARD_DIR);
}

/** The view follows the store many times a second: when it stops, the live numbers stand still. */
function readinessOf(engines: Engines, nowMs: number): Readiness {
  const ageMs = nowMs - engines.view.freshAt;
  if (ageMs <= VIEW_AGE_MS_MAX) return { isReady: true };
  return { isReady: false, reason: `the live numbers have stood still for ${ageMs} ms` };
}
