import { Fault } from '@kpi/core';

import { type Logger } from './log.ts';
import { type Metrics } from './metrics.ts';

/** Whether a service makes progress; `reason` says why not, for people. */
export interface Readiness {
  readonly isReady: boolean;
  readonly reason?: string;
}

/** A running service. `close` finishes the work in hand, releases everything and can be called twice. */
export interface Service {
  readonly name: string;
  readiness(): Promise<Readiness>;
  close(): Promise<void>;
}

/** What every service is given besides its own configuration. */
export interface ServiceContext {
  readonly log: Logger;
  readonly metrics: Metrics;
  readonly clock: () => number;
  /** Called when the service cannot go on (broken invariant, lost group). The process must end. */
  readonly onFatal: (error: unknown) => void;
}

const STOP_DEADLINE_MS = 20_000;

/**
 * Run services until SIGINT or SIGTERM, then close them in reverse order. A fatal error closes them too and exits with 1.
 * Exit codes: 0 asked to stop, 1 fatal error or failed start, 2 wrong configuration.
 */
export async function runServices(
  log: Logger,
  begin: (onFatal: (error: unknown) => void) => Promise<readonly Service[]>,
): Promise<void> {
  let running: readonly Service[] = [];
  let stopping: Promise<void> | undefined;
  const stop = (code: number): Promise<void> => {
    stopping ??= closeAll(running, log).then(() => process.exit(code));
    return stopping;
  };
  const onFatal = (error: unknown): void => {
    log.fatal({ err: error }, 'service failed');
    void stop(1);
  };
  process.once('SIGINT', () => void stop(0));
  process.once('SIGTERM', () => void stop(0));
  try {
    running = await begin(onFatal);
  } catch (error) {
    log.fatal({ err: error }, 'start failed');
    await stop(error instanceof Fault && error.code === 'config_invalid' ? 2 : 1);
  }
}

async function closeAll(services: readonly Service[], log: Logger): Promise<void> {
  const overdue = setTimeout(() => {
    log.error('stop took too long');
    process.exit(1);
  }, STOP_DEADLINE_MS);
  for (const service of services.toReversed()) {
    await service
      .close()
      .catch((error: unknown) => log.error({ err: error, service: service.name }, 'close failed'));
  }
  clearTimeout(overdue);
}
