import { randomUUID } from 'node:crypto';

import { TaskLease, readVerifyResult } from '@kpi/redis';
import type { ServiceContext } from '@kpi/runtime';
import { VerifySchedule, openVerification } from '@kpi/verify';

import type { Engines } from '../engines.ts';
import type { ApiConfig } from '../options.ts';
import { type ApiMetrics, watch } from './api-metrics.ts';
import { StoreWatch } from './store-watch.ts';

export interface TelemetryOptions {
  readonly config: ApiConfig;
  readonly context: ServiceContext;
  readonly engines: Pick<Engines, 'client' | 'view' | 'publications'>;
  readonly metrics: ApiMetrics;
}

/** What watches beside the answers: the store's memory, and a verification now and then. */
export interface Telemetry {
  close(): Promise<void>;
}

/** Begin to watch, and to verify every KPI_VERIFY_INTERVAL_MS, in one process of all. Throws `store_unreachable`. */
export async function startTelemetry(options: TelemetryOptions): Promise<Telemetry> {
  const { config, context, engines, metrics } = options;
  const { log, clock } = context;
  const { client, view, publications } = engines;
  const store = new StoreWatch({ client, log });
  const verification = await openVerification({ config, log, clock });
  const verify = new VerifySchedule({
    verification,
    lease: new TaskLease({
      client,
      prefix: config.KPI_REDIS_PREFIX,
      task: 'verify',
      holder: randomUUID(),
    }),
    readResult: () => readVerifyResult(client, config),
    intervalMs: config.KPI_VERIFY_INTERVAL_MS,
    log,
    clock,
    onFailed: (code) => metrics.verifyFailures.inc({ code }),
  });
  watch(context.metrics, { view, publications, store, verify }, clock);
  store.start();
  verify.start();
  return {
    async close() {
      await Promise.all([store.close(), verify.close()]);
      await verification.close();
    },
  };
}
