import { type EngineConfig, type Logger, createLog } from '@kpi/runtime';

import type { CliContext } from './context.ts';
import { readEngineConfig } from './options.ts';

/** What commands that speak to the engines themselves need. */
export interface EngineAccess {
  readonly config: EngineConfig;
  readonly log: Logger;
}

/** Faults say what went wrong; the lines of client libraries would only repeat it. */
export function accessEngines(context: CliContext): EngineAccess {
  return {
    config: readEngineConfig(context.environment),
    log: createLog({ name: 'kpi', level: 'silent' }),
  };
}
