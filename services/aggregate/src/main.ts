import { createLog, createMetrics, readConfig, runServices, systemClock } from '@kpi/runtime';

import { aggregateOptions } from './options.ts';
import { start } from './start.ts';

const config = readConfig(aggregateOptions, process.env);
const log = createLog({ name: 'aggregate' });

await runServices(log, async (onFatal) => [
  await start(config, { log, metrics: createMetrics(), clock: systemClock, onFatal }),
]);
