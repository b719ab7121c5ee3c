import { type AggregateConfig, aggregateOptions, start as startAggregate } from '@kpi/aggregate';
import { archiveOptions, start as startArchive } from '@kpi/archive';
import { type History, createHistory } from '@kpi/clickhouse';
import { INGEST_OPTIONS, start as startIngest } from '@kpi/ingest';
import {
  type Metrics,
  type Service,
  type ServiceContext,
  createMetrics,
  readConfig,
  systemClock,
} from '@kpi/runtime';

import { type Pipeline, until } from '../support/pipeline.ts';
import { type EngineProxy, openProxy } from './engine-proxy.ts';

/** Engines that stand behind a proxy here. Kafka cannot: a broker tells clients its own address. */
const PROXIED = {
  redis: 'KPI_REDIS_URL',
  registry: 'KPI_REGISTRY_URL',
  clickhouse: 'KPI_CLICKHOUSE_URL',
} as const;

export type ProxiedEngine = keyof typeof PROXIED;
export type StageService = 'ingest' | 'aggregate' | 'archive';

/** The services of one pipeline in this process. They reach the engines through proxies, the pipeline itself does directly. */
export class Stage {
  readonly pipeline: Pipeline;
  readonly history: History;
  readonly proxies: Readonly<Record<ProxiedEngine, EngineProxy>>;
  /** What services reported as fatal. */
  readonly failures: unknown[] = [];
  readonly #services = new Map<StageService, { service: Service; metrics: Metrics }>();
  #url = '';

  constructor(
    pipeline: Pipeline,
    history: History,
    proxies: Readonly<Record<ProxiedEngine, EngineProxy>>,
  ) {
    this.pipeline = pipeline;
    this.history = history;
    this.proxies = proxies;
  }

  /** The environment of a service on this stage. */
  get environment(): Readonly<Record<string, string | undefined>> {
    const { redis, registry, clickhouse } = this.proxies;
    return {
      ...this.pipeline.environment,
      [PROXIED.redis]: redis.url,
      [PROXIED.registry]: registry.url,
      [PROXIED.clickhouse]: clickhouse.url,
      KPI_HTTP_PORT: '0',
    };
  }

  /** Start services side by side; `settings` are variables for all of them. */
  async start(
    names: readonly StageService[],
    settings: Readonly<Record<string, string>> = {},
  ): Promise<void> {
    const environment = { ...this.environment, ...settings };
    await Promise.all(names.map((name) => this.#start(name, environment)));
  }

  async stop(name: StageService): Promise<void> {
    const running = this.#services.get(name);
    this.#services.delete(name);
    await running?.service.close();
  }

  /** The first reason why each service is not ready; a service that is ready is absent. */
  async unready(): Promise<ReadonlyMap<StageService, string>> {
    const states = await Promise.all(
      [...this.#services].map(async ([name, { service }]) => {
        const { isReady, reason } = await service.readiness();
        return isReady ? [] : [[name, reason ?? ''] as const];
      }),
    );
    return new Map(states.flat());
  }

  /** Base URL of ingest. */
  get url(): string {
    return this.#url;
  }

  /** Sum of a metric of a service over its labels. */
  async metric(service: StageService, name: string): Promise<number> {
    const metric = await this.#services.get(service)?.metrics.getSingleMetric(name)?.get();
    return (metric?.values ?? []).reduce((sum, { value }) => sum + value, 0);
  }

  /** Values of a metric of a service, by their labels as text (`topic=t code=c`); of a histogram its count and sum too. */
  async series(service: StageService, name: string): Promise<ReadonlyMap<string, number>> {
    const metric = await this.#services.get(service)?.metrics.getSingleMetric(name)?.get();
    return new Map(
      (metric?.values ?? []).map((one) => {
        const labels = Object.entries(one.labels).map(([label, value]) => `${label}=${value}`);
        const suffix = 'metricName' in one ? String(one.metricName).slice(name.length) : '';
        return [[suffix, ...labels].filter((part) => part !== '').join(' '), one.value];
      }),
    );
  }

  async close(): Promise<void> {
    await Promise.all([...this.#services.keys()].map((name) => this.stop(name)));
    await this.history.close();
    await Promise.all(Object.values(this.proxies).map((proxy) => proxy.close()));
    await this.pipeline.close();
  }

  async #start(
    name: StageService,
    environment: Readonly<Record<string, string | undefined>>,
  ): Promise<void> {
    const metrics = createMetrics();
    const context = {
      log: this.pipeline.log,
      metrics,
      clock: systemClock,
      onFatal: (error: unknown) => void this.failures.push(error),
    };
    const service = await STARTERS[name](environment, context);
    if ('url' in service && typeof service.url === 'string') this.#url = service.url;
    this.#services.set(name, { service, metrics });
  }
}

type Starter = (
  environment: Readonly<Record<string, string | undefined>>,
  context: ServiceContext,
) => Promise<Service>;

const STARTERS: Readonly<Record<StageService, Starter>> = {
  ingest: (environment, context) => startIngest(readConfig(INGEST_OPTIONS, environment), context),
  aggregate: (environment, context) => {
    const config: AggregateConfig = readConfig(aggregateOptions, environment);
    return startAggregate(config, context);
  },
  archive: (environment, context) => startArchive(readConfig(archiveOptions, environment), context),
};

/** A stage with its database migrated and no service running yet. */
export async function createStage(pipeline: Pipeline): Promise<Stage> {
  const { environment, config, log } = pipeline;
  const open = (name: ProxiedEngine): Promise<EngineProxy> =>
    openProxy(environment[PROXIED[name]] ?? '');
  const history = createHistory(config, log);
  await history.migrate();
  return new Stage(pipeline, history, {
    redis: await open('redis'),
    registry: await open('registry'),
    clickhouse: await open('clickhouse'),
  });
}

/** Waits until exactly these services are not ready, and answers why. */
export async function untilUnready(
  stage: Stage,
  expected: readonly StageService[],
  deadlineMs = 60_000,
): Promise<ReadonlyMap<StageService, string>> {
  let unready: ReadonlyMap<StageService, string> = new Map();
  const wanted = expected.toSorted().join(' ');
  const list = (): string => [...unready.keys()].toSorted().join(' ');
  await until(
    `unready: ${wanted}`,
    async () => {
      unready = await stage.unready();
      return list() === wanted;
    },
    deadlineMs,
  );
  return unready;
}
