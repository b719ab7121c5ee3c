import { parseArgs } from 'node:util';

import { createLog, createMetrics, readConfig, runServices, systemClock } from '@kpi/runtime';

import { start } from './demo.ts';
import { SIMULATOR_OPTIONS } from './options.ts';

const USAGE = `Tell the story of the demo company to an ingest.

  node services/simulator/src/main.ts [--url URL] [--seed TEXT] [--rate EVENTS_PER_SECOND] [--days DAYS] [--state FILE]

Every flag is also an environment variable: KPI_DEMO_URL, KPI_DEMO_SEED, …`;

const FLAGS = {
  url: { type: 'string' },
  tenant: { type: 'string' },
  seed: { type: 'string' },
  rate: { type: 'string' },
  days: { type: 'string' },
  state: { type: 'string' },
  help: { type: 'boolean' },
} as const;

const { values } = parseArgs({ options: FLAGS });
if (values.help === true) {
  process.stdout.write(`${USAGE}\n`);
} else {
  const log = createLog({ name: 'simulator' });
  await runServices(log, async (onFatal) => {
    const { help: _help, ...flags } = values;
    const given = Object.entries(flags).map(([name, value]) => [
      `KPI_DEMO_${name.toUpperCase()}`,
      value,
    ]);
    const config = readConfig(SIMULATOR_OPTIONS, {
      ...process.env,
      ...Object.fromEntries(given),
    });
    const context = { log, metrics: createMetrics(), clock: systemClock, onFatal };
    return [await start(config, context)];
  });
}
