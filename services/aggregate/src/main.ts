import { createLog, createMetrics, readConfig, runServices, systemClock } from '@kpi/runtime';

import { aggregateOptions } from './options.ts';
import { start } from './start.ts';

const log = createLog({ name: 'aggregate' });

await runServices(log, async (onFatal) => {
  const config = readConfig(aggregateOptions, process.env);
  return [await start(config, { log, metrics: createMetrics(), clock: systemClock, onFatal })];
});
