import { createLog, createMetrics, readConfig, runServices, systemClock } from '@kpi/runtime';

import { apiOptions } from './options.ts';
import { start } from './start.ts';

const log = createLog({ name: 'api' });

await runServices(log, async (onFatal) => {
  const context = { log, metrics: createMetrics(), clock: systemClock, onFatal };
  return [await start(readConfig(apiOptions, process.env), context)];
});
