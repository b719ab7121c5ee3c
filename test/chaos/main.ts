import { parseArgs } from 'node:util';

import { openEngines } from '../support/start-engines.ts';
import { runChaos } from './chaos.ts';
import { createDraw } from './draw.ts';
import { drawRounds } from './rounds.ts';

const HELP = `pnpm chaos [--rounds 26] [--seed N] [--events 4000] [--cluster] [--session-ms 6000]

Does harm at random moments under load: kills, stops and freezes aggregate and archive, one to four at a time, and freezes ClickHouse;
with --cluster also Redis masters and brokers, of a Redis Cluster and three brokers of its own. Then compares Kafka, Redis and
ClickHouse with each other. Prints a line per round and a JSON report; exits with 1 when anything was lost or doubled.`;

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '26' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    events: { type: 'string', default: '4000' },
    cluster: { type: 'boolean', default: false },
    'session-ms': { type: 'string', default: '6000' },
    help: { type: 'boolean', default: false },
  },
});

if (values.help) {
  console.log(HELP);
} else {
  const { cluster: isCluster } = values;
  const engines = await openEngines(isCluster ? { brokers: 3, redis: 'cluster' } : {});
  try {
    const seed = Number(values.seed);
    console.error(`seed ${seed}`);
    const report = await runChaos({
      seed,
      rounds: drawRounds(createDraw(seed + 2), Number(values.rounds), isCluster),
      eventsPerRound: Number(values.events),
      sessionTimeoutMs: Number(values['session-ms']),
      engines,
      onProgress: (line) => console.error(line),
    });
    console.log(
      JSON.stringify(
        report,
        (_name, value: unknown) => (typeof value === 'bigint' ? Number(value) : value),
        2,
      ),
    );
    process.exitCode = report.isClean ? 0 : 1;
  } finally {
    await engines.close();
  }
}
