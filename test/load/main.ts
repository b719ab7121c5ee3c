import { mkdir, mkdtemp } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';

import { z } from 'zod';

import { setup } from '../support/start-engines.ts';
import { runBench } from './bench.ts';

const HELP = `pnpm bench aggregate|archive [options]

Writes a log of events, measures one service on it, then a kafkajs consumer that only reads the same log, and checks the result.
Starts its own engines, but for those whose KPI_* variable is set. Prints JSON; exits with 1 when the result is wrong.

  --events N      records to write (default 2000000)
  --accounts N    accounts, each with four users (default 50000)
  --seed N        of the workload (default 1)
  --cpu-prof DIR  take a CPU profile of the service into a new folder below DIR and list its hottest functions
  --help          this text`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    events: { type: 'string', default: '2000000' },
    accounts: { type: 'string', default: '50000' },
    seed: { type: 'string', default: '1' },
    'cpu-prof': { type: 'string' },
    help: { type: 'boolean', default: false },
  },
});

const ORDER = z.object({
  service: z.enum(['aggregate', 'archive']),
  events: z.coerce.number().int().min(1),
  accounts: z.coerce.number().int().min(1),
  seed: z.coerce.number().int().min(0),
});

const order = ORDER.safeParse({ ...values, service: positionals[0] });
if (values.help) {
  console.log(HELP);
} else if (!order.success || positionals.length > 1) {
  console.error(HELP);
  process.exitCode = 2;
} else {
  const profileDir = await newProfileDir(values['cpu-prof']);
  const teardown = await setup();
  try {
    const report = await runBench({
      ...order.data,
      nowMs: Date.now(),
      ...(profileDir !== undefined && { profileDir }),
      onProgress: (line) => console.error(line),
    });
    console.log(JSON.stringify(report, null, 2));
    process.exitCode = report.result.isRight ? 0 : 1;
  } finally {
    await teardown();
  }
}

/** A folder that holds nothing else, so that the profile in it is this run's. */
async function newProfileDir(parent: string | undefined): Promise<string | undefined> {
  if (parent === undefined) return undefined;
  const folder = resolve(parent);
  await mkdir(folder, { recursive: true });
  return mkdtemp(join(folder, 'profile-'));
}
