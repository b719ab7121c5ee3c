import { parseArgs } from 'node:util';

import { Fault } from '@kpi/core';
import type { Environment } from '@kpi/runtime';

export const USAGE = `Start KPI Stream: Kafka, Redis, a schema registry, ClickHouse and all services on this machine.

  npm start -- [--port PORT] [--no-demo]

  --port PORT  where page, API and ingest listen (KPI_HTTP_PORT, 8080)
  --no-demo    an empty system instead of the demo company (KPI_DEMO=false)
  --help       this text

Everything is kept in KPI_DATA_DIR (.data). KPI_DEFINITIONS names a file that says what the KPIs mean (npm run kpi -- config show). Engines whose URL is set (KPI_KAFKA_BROKERS, KPI_REGISTRY_URL, KPI_REDIS_URL, KPI_CLICKHOUSE_URL) are used, not started.
`;

export interface CommandLine {
  readonly isHelp: boolean;
  /** The environment with what the flags say on top. */
  readonly environment: Environment;
}

/** Read the flags. Throws a Fault `config_invalid` for one that does not exist. */
export function readCommandLine(args: readonly string[], environment: Environment): CommandLine {
  const { port, demo, help } = flagsOf(args);
  return {
    isHelp: help === true,
    environment: {
      ...environment,
      ...(port === undefined ? {} : { KPI_HTTP_PORT: port }),
      ...(demo === undefined ? {} : { KPI_DEMO: String(demo) }),
    },
  };
}

function flagsOf(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowNegative: true,
      options: {
        port: { type: 'string' },
        demo: { type: 'boolean' },
        help: { type: 'boolean' },
      },
    }).values;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Fault('config_invalid', `${reason} (--help lists the flags)`, { cause: error });
  }
}
