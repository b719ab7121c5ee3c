import { createLog, createMetrics, readConfig, runServices, systemClock } from '@kpi/runtime';

import { INGEST_OPTIONS } from './options.ts';
import { start } from './service.ts';

const log = createLog({ name: 'ingest' });

await runServices(log, async (onFatal) => {
  const config = readConfig(INGEST_OPTIONS, process.env);
  log.level = config.KPI_LOG_LEVEL;
  return [await start(config, { log, metrics: createMetrics(), clock: systemClock, onFatal })];
});
