import { parseArgs } from 'node:util';

import { Fault } from '@kpi/core';
import { createLog, createMetrics, readConfig, runServices, systemClock } from '@kpi/runtime';

import { start } from './demo.ts';
import { SIMULATOR_OPTIONS } from './options.ts';
import { formatTruth, readComparison } from './truth-report.ts';

const USAGE = `Tell the story of the demo company to an ingest.

  node services/simulator/src/main.ts [--url URL] [--seed TEXT] [--rate EVENTS_PER_SECOND] [--days DAYS] [--state FILE]
  node services/simulator/src/main.ts truth [--url URL] [--window 364d]     the known effect of training, and what the pipeline says of it

Every flag of the first is also an environment variable: KPI_DEMO_URL, KPI_DEMO_SEED, …`;

const FLAGS = {
  url: { type: 'string' },
  tenant: { type: 'string' },
  seed: { type: 'string' },
  rate: { type: 'string' },
  days: { type: 'string' },
  state: { type: 'string' },
  window: { type: 'string' },
  help: { type: 'boolean' },
} as const;

const { values, positionals } = parseArgs({ options: FLAGS, allowPositionals: true });
const [word, ...more] = positionals;
if (values.help === true || more.length > 0 || (word !== undefined && word !== 'truth')) {
  process.stdout.write(`${USAGE}\n`);
  process.exitCode = values.help === true ? 0 : 2;
} else if (word === 'truth') {
  const config = readConfig(SIMULATOR_OPTIONS, given(values));
  try {
    const compared = await readComparison({
      url: config.KPI_DEMO_URL,
      tenant: config.KPI_DEMO_TENANT,
      ...(config.KPI_DEMO_KEY === undefined ? {} : { key: config.KPI_DEMO_KEY }),
      window: values.window ?? '364d',
    });
    process.stdout.write(`${formatTruth(compared)}\n`);
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    process.stderr.write(`simulator: ${error.message}\n`);
    process.exitCode = 1;
  }
} else {
  const log = createLog({ name: 'simulator' });
  await runServices(log, async (onFatal) => {
    const config = readConfig(SIMULATOR_OPTIONS, given(values));
    const context = { log, metrics: createMetrics(), clock: systemClock, onFatal };
    return [await start(config, context)];
  });
}

/** The environment with what the flags say. */
function given(flags: typeof values): NodeJS.ProcessEnv {
  const { help: _help, window: _window, ...options } = flags;
  const named = Object.entries(options).map(([name, value]) => [
    `KPI_DEMO_${name.toUpperCase()}`,
    value,
  ]);
  return { ...process.env, ...Object.fromEntries(named) };
}
