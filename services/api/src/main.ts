import { createLog, createMetrics, readConfig, runServices, systemClock } from '@kpi/runtime';

import { apiOptions } from './options.ts';
import { start } from './start.ts';

const log = createLog({ name: 'api' });

await runServices(log, async (onFatal) => {
  const config = readConfig(apiOptions, process.env);
  log.level = config.KPI_LOG_LEVEL;
  const context = { log, metrics: createMetrics(), clock: systemClock, onFatal };
  return [await start(config, context)];
});
