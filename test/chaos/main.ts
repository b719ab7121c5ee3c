import { parseArgs } from 'node:util';

import { openEngines } from '../support/start-engines.ts';
import { runChaos } from './chaos.ts';
import { createDraw } from './draw.ts';
import { allRoundKinds, drawRounds, roundKinds } from './rounds.ts';

const HELP = `pnpm chaos [--rounds 26] [--seed N] [--events 4000] [--cluster] [--kind 'kill one aggregate'] [--session-ms 6000]

Does harm at random moments under load: kills, stops and freezes aggregate and archive, one to four at a time, freezes ClickHouse;
with --cluster also Redis masters and brokers, of a Redis Cluster and three brokers of its own.
--kind does one kind of harm only, of those or 'kill one aggregate during a rebuild'. Then compares Kafka, Redis and ClickHouse with each other. Prints a line per round and a JSON report; exits with 1 when anything was lost or doubled.`;

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '26' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    events: { type: 'string', default: '4000' },
    cluster: { type: 'boolean', default: false },
    kind: { type: 'string' },
    'session-ms': { type: 'string', default: '6000' },
    help: { type: 'boolean', default: false },
  },
});

if (values.help) {
  console.log(HELP);
} else {
  const { cluster: isCluster, kind } = values;
  const known = allRoundKinds(isCluster);
  const kinds = kind === undefined ? roundKinds(isCluster) : known.filter((one) => one === kind);
  if (kinds.length === 0) throw new RangeError(`--kind is none of: ${known.join(', ')}`);
  const engines = await openEngines(isCluster ? { brokers: 3, redis: 'cluster' } : {});
  try {
    const seed = Number(values.seed);
    console.error(`seed ${seed}`);
    const report = await runChaos({
      seed,
      rounds: drawRounds(createDraw(seed + 2), Number(values.rounds), kinds),
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
