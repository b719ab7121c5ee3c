import {
  createLog,
  createMetrics,
  readConfig,
  runServices,
  systemClock,
  withProbes,
} from '@kpi/runtime';

import { archiveOptions } from './options.ts';
import { start } from './start.ts';

const log = createLog({ name: 'archive' });

await runServices(log, async (onFatal) => {
  const config = readConfig(archiveOptions, process.env);
  log.level = config.KPI_LOG_LEVEL;
  const metrics = createMetrics();
  const service = await start(config, { log, metrics, clock: systemClock, onFatal });
  return withProbes(config, { log, metrics, services: [service] });
});
