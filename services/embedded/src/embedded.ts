import { join, resolve } from 'node:path';

import { API_KEY_OPTIONS, areKeysRequired } from '@kpi/redis';
import {
  type Clock,
  type Environment,
  HTTP_OPTIONS,
  LOG_OPTIONS,
  type Service,
  type ServiceContext,
  createHttp,
  createMetrics,
  listen,
  readConfig,
  systemClock,
} from '@kpi/runtime';
import { z } from 'zod';

import { lockDataDir } from './data-dir-lock.ts';
import { startReportedEngines } from './engines.ts';
import { enginesFile } from './engines-file.ts';
import { type Address, assertPortFree } from './free-port.ts';
import { EMBEDDED_OPTIONS } from './options.ts';
import {
  type DefinitionsFile,
  applyFile,
  isStoreOutdated,
  prepareEngines,
  readDefinitionsFile,
  recount,
} from './prepare.ts';
import { type Reporter, SILENT_REPORTER, seconds } from './reporter.ts';
import { type ServiceLogs, createServiceLogs } from './service-log.ts';
import { STAGES } from './services.ts';
import { startServices } from './start-services.ts';
import { type Teardown, createTeardown } from './teardown.ts';

export interface EmbeddedOptions {
  /** Everything the engines keep, and logs. Held by one program at a time. */
  readonly dataDir: string;
  /**
   * `KPI_*` variables of the services. An engine whose URL is set is used as it is and not started; KPI_HTTP_HOST and KPI_HTTP_PORT
   * say where to listen (port 0 takes a free one).
   */
  readonly environment: Environment;
  readonly clock?: Clock;
  readonly reporter?: Reporter;
  /** Called once, when a service or an engine cannot go on. Whoever started should close. */
  readonly onFatal?: (error: unknown) => void;
}

/** Everything in one process, beside its engines. */
export interface Embedded {
  /** Base URL of page, API and ingest. */
  readonly url: string;
  /** The environment of the services, engine URLs included. */
  readonly environment: Environment;
  /** False on loopback, unless the configuration says otherwise. */
  readonly areKeysRequired: boolean;
  /** What one more service is given: a log of its own, the shared metrics. */
  contextOf(name: string): ServiceContext;
  /** Take in one more service: `/readyz` asks it, and it is closed before all others. */
  adopt(service: Service): void;
  /** Ends everything in order: adopted services, the port, the services, the engines. */
  close(): Promise<void>;
}

const OPTIONS = z.object({
  ...HTTP_OPTIONS,
  ...LOG_OPTIONS,
  ...API_KEY_OPTIONS,
  KPI_DEFINITIONS: EMBEDDED_OPTIONS.shape.KPI_DEFINITIONS,
});

/** Parts whose end is of interest only when it fails. */
const UNTOLD = { dataDir: 'data folder', logs: 'logs' } as const;

type Settled = Required<EmbeddedOptions>;

/**
 * Start engines and services on one port; answers when all are up. Throws a Fault `data_in_use`, `port_taken`,
 * `prerequisite_missing` or `engine_failed`; what had been started is ended again.
 */
export async function startEmbedded(options: EmbeddedOptions): Promise<Embedded> {
  const settled: Settled = {
    ...options,
    dataDir: resolve(options.dataDir),
    clock: options.clock ?? systemClock,
    reporter: options.reporter ?? SILENT_REPORTER,
    onFatal: onceAtMost(options.onFatal),
  };
  const { reporter } = settled;
  const untold: readonly string[] = Object.values(UNTOLD);
  const teardown = createTeardown({
    onEnded: (name) => {
      if (!untold.includes(name)) reporter.done(`${name} stopped`);
    },
    onFailed: (name, error) => reporter.problem(`${name} did not stop: ${String(error)}`),
  });
  try {
    return await begin(settled, teardown);
  } catch (error) {
    await teardown.run();
    throw error;
  }
}

async function begin(options: Settled, teardown: Teardown): Promise<Embedded> {
  const { dataDir, onFatal, reporter } = options;
  const config = readConfig(OPTIONS, options.environment);
  const address = { host: config.KPI_HTTP_HOST, port: config.KPI_HTTP_PORT };
  const path = config.KPI_DEFINITIONS;
  const definitions = path === undefined ? undefined : await readDefinitionsFile(path);
  const unlock = await lockDataDir(dataDir);
  teardown.add(UNTOLD.dataDir, unlock);
  await assertPortFree(address);
  const logs = createServiceLogs(
    { folder: join(dataDir, 'logs'), level: config.KPI_LOG_LEVEL },
    ({ service, text, logPath }) => reporter.problem(`${service}: ${text} (see ${logPath})`),
  );
  teardown.add(UNTOLD.logs, async () => logs.close());
  const engines = await startReportedEngines({ ...options, onUnexpectedEnd: onFatal });
  const file = enginesFile(dataDir);
  teardown.add('Engines', async () => {
    await file.remove();
    await engines.close();
  });
  await file.write(engines.urls);
  const environment = { ...options.environment, ...engines.urls };
  const isProtected = areKeysRequired(config, address.host);
  return startAll({
    ...options,
    environment,
    address,
    areKeysRequired: isProtected,
    definitions,
    logs,
    teardown,
  });
}

interface Start extends Settled {
  readonly areKeysRequired: boolean;
  readonly address: Address;
  readonly definitions: DefinitionsFile | undefined;
  readonly logs: ServiceLogs;
  readonly teardown: Teardown;
}

async function startAll(start: Start): Promise<Embedded> {
  const { environment, logs, teardown } = start;
  const running: Service[] = [];
  const metrics = createMetrics();
  const contextOf = (name: string): ServiceContext => ({
    log: logs.of(name),
    metrics,
    clock: start.clock,
    onFatal: start.onFatal,
  });
  await timed(start, 'Topics, schemas and tables', () =>
    prepareEngines(environment, logs.of('prepare')),
  );
  const changing = { log: logs.of('prepare'), clock: start.clock };
  const isChanged =
    start.definitions !== undefined && (await applyFile(environment, start.definitions, changing));
  if (isChanged || (await isStoreOutdated(environment, logs.of('prepare'))))
    await timed(start, 'Live numbers, counted anew,', () =>
      recount(environment, logs.of('prepare'), start.clock),
    );
  const http = await createHttp({ log: logs.of('http'), metrics, services: () => running });
  await timed(start, 'Services', () =>
    startServices({
      stages: STAGES,
      environment,
      http,
      contextOf,
      teardown,
      onStarted: (service) => running.push(service),
    }),
  );
  teardown.add('HTTP', () => http.close());
  return {
    url: await listen(http, start.address),
    environment,
    areKeysRequired: start.areKeysRequired,
    contextOf,
    adopt: (service) => {
      running.push(service);
      teardown.add(service.name, () => service.close());
    },
    close: () => teardown.run(),
  };
}

async function timed(
  { clock, reporter }: Pick<Settled, 'clock' | 'reporter'>,
  name: string,
  work: () => Promise<void>,
): Promise<void> {
  const from = clock();
  await work();
  reporter.done(`${name} ready in ${seconds(clock() - from)} s`);
}

/** When one part fails the others follow; the first reason is the one that matters. */
function onceAtMost(tell: ((error: unknown) => void) | undefined): (error: unknown) => void {
  let isTold = false;
  return (error) => {
    if (!isTold) tell?.(error);
    isTold = true;
  };
}
