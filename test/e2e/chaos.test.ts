import { test } from 'vitest';

import { runChaos } from '../chaos/chaos.ts';
import { createDraw } from '../chaos/draw.ts';
import { expectClean } from '../chaos/expect-clean.ts';
import { drawRounds, roundKinds } from '../chaos/rounds.ts';

/** Accounts whose activity is taken back wait for an archive that is killed, too. */
const TEST_MS_MAX = 600_000;

test(
  'processes that are killed under load lose nothing and count nothing twice',
  { timeout: TEST_MS_MAX },
  async () => {
    const seed = Number(process.env['CHAOS_SEED'] ?? Date.now() % 1_000_000);
    const report = await runChaos({
      seed,
      rounds: drawRounds(createDraw(seed + 2), 3, roundKinds(false)),
      eventsPerRound: 3_000,
      sessionTimeoutMs: 3_000,
      onProgress: (line) => console.info(`seed ${seed}: ${line}`),
    });
    expectClean(report);
  },
);
