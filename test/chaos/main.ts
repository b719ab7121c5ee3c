import { parseArgs } from 'node:util';

import { setup } from '../support/start-engines.ts';
import { runChaos } from './chaos.ts';

const HELP = `pnpm chaos [--rounds 25] [--seed N] [--events 4000]

Kills aggregate and archive at random moments under load, then compares Kafka, Redis and ClickHouse with each other.
Prints a line per round and a JSON report; exits with 1 when anything was lost or doubled.`;

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '25' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    events: { type: 'string', default: '4000' },
    help: { type: 'boolean', default: false },
  },
});

if (values.help) {
  console.log(HELP);
} else {
  const teardown = await setup();
  try {
    console.error(`seed ${values.seed}`);
    const report = await runChaos({
      seed: Number(values.seed),
      rounds: Number(values.rounds),
      eventsPerRound: Number(values.events),
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
    await teardown();
  }
}
