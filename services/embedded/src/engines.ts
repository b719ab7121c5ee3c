import { type EngineVariable, type RunningEngines, startEngines } from '@kpi/engines';
import type { Clock, Environment } from '@kpi/runtime';
import { type Fault } from '@kpi/core';

import { type Reporter, seconds } from './reporter.ts';

const NAMES: Readonly<Record<EngineVariable, string>> = {
  KPI_KAFKA_BROKERS: 'Kafka',
  KPI_REGISTRY_URL: 'Schema registry',
  KPI_REDIS_URL: 'Redis',
  KPI_CLICKHOUSE_URL: 'ClickHouse',
};

export interface StartOptions {
  readonly dataDir: string;
  readonly environment: Environment;
  readonly clock: Clock;
  readonly reporter: Reporter;
  readonly onUnexpectedEnd: (fault: Fault) => void;
}

/** Start the engines that the environment does not name, with a line for each that answers. */
export function startReportedEngines(options: StartOptions): Promise<RunningEngines> {
  const { dataDir, environment, clock, reporter, onUnexpectedEnd } = options;
  const from = clock();
  return startEngines({
    dataDir,
    environment,
    onUnexpectedEnd,
    onProgress: (line) => {
      const name = engineIn(line);
      if (name === undefined) reporter.note(line);
      else reporter.done(`${name} ready in ${seconds(clock() - from)} s`);
    },
  });
}

/** An engine that answers is told as `VARIABLE=url`. */
function engineIn(line: string): string | undefined {
  const variable = line.split('=', 1)[0] ?? '';
  return Object.entries(NAMES).find(([name]) => name === variable)?.[1];
}
