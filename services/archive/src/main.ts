import { createLog, createMetrics, readConfig, runServices, systemClock } from '@kpi/runtime';

import { archiveOptions } from './options.ts';
import { start } from './start.ts';

const log = createLog({ name: 'archive' });

await runServices(log, async (onFatal) => {
  const config = readConfig(archiveOptions, process.env);
  return [await start(config, { log, metrics: createMetrics(), clock: systemClock, onFatal })];
});
