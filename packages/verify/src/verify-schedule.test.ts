import { createLog } from '@kpi/runtime';
import { afterEach, expect, test, vi } from 'vitest';

import { VerifySchedule } from './verify-schedule.ts';
import { type VerifyReport } from './verify.ts';

const log = createLog({ name: 'test', level: 'silent' });
const CLEAN: VerifyReport = {
  isClean: true,
  at: 0,
  tenants: [],
  questions: 1,
  values: 1,
  disagreements: [],
  partitions: [],
  tookMs: 1,
};

let open: VerifySchedule[] = [];

afterEach(async () => {
  await Promise.all(open.map((schedule) => schedule.close()));
  open = [];
});

interface Situation {
  readonly intervalMs: number;
  readonly isHeld: boolean;
  /** The last result: how long ago, and how long it took, ms. */
  readonly last?: { readonly agoMs: number; readonly tookMs: number };
}

const NOW = 1_000_000_000;

/** How often a schedule verifies at its first look, the clock standing still. */
async function countVerifications({ intervalMs, isHeld, last }: Situation): Promise<number> {
  const againstHistory = vi.fn(async () => CLEAN);
  const looked = vi.fn(async () =>
    last === undefined
      ? undefined
      : ({
          at: NOW - last.agoMs,
          against: 'history',
          is_clean: true,
          questions: 1,
          disagreements: 0,
          unequal_partitions: 0,
          took_ms: last.tookMs,
        } as const),
  );
  const schedule = new VerifySchedule({
    verification: { againstHistory },
    lease: { hold: async () => isHeld },
    readResult: looked,
    intervalMs,
    log,
    clock: () => NOW,
  });
  open.push(schedule);
  schedule.start();
  await vi.waitFor(() => expect(looked).toHaveBeenCalled());
  await schedule.close();
  return againstHistory.mock.calls.length;
}

test.each<[string, Situation, number]>([
  [
    'is due an interval after the last',
    { intervalMs: 1_000, isHeld: true, last: { agoMs: 1_010, tookMs: 10 } },
    1,
  ],
  ['is not due before', { intervalMs: 1_000, isHeld: true, last: { agoMs: 1_009, tookMs: 10 } }, 0],
  [
    'rests nineteen times as long as it worked',
    { intervalMs: 1_000, isHeld: true, last: { agoMs: 19_000, tookMs: 1_000 } },
    0,
  ],
  [
    'goes on after that',
    { intervalMs: 1_000, isHeld: true, last: { agoMs: 20_000, tookMs: 1_000 } },
    1,
  ],
  [
    'is left to the process that holds the lease',
    { intervalMs: 1_000, isHeld: false, last: { agoMs: 9_000, tookMs: 10 } },
    0,
  ],
  [
    'never happens when it is off',
    { intervalMs: 0, isHeld: true, last: { agoMs: 9_000_000, tookMs: 10 } },
    0,
  ],
  ['waits an interval in a new installation', { intervalMs: 1_000, isHeld: true }, 0],
])('a verification %s', async (_name, situation, expected) => {
  expect(await countVerifications(situation)).toBe(expected);
});
