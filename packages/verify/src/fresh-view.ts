import { Fault } from '@kpi/core';
import { type LiveView } from '@kpi/redis';
import { type Clock, pause } from '@kpi/runtime';

const PATIENCE_MS = 60_000;
const POLL_MS = 250;

/**
 * Load the live store at a moment when no home of it waits to be read again from history: what such a home counts is not what its events
 * say. Throws `verify_failed` when there is none in time.
 */
export async function loadFresh(
  live: LiveView,
  { clock, signal }: { readonly clock: Clock; readonly signal?: AbortSignal },
): Promise<void> {
  const deadline = clock() + PATIENCE_MS;
  for (;;) {
    await live.reload();
    const stale = live.positions().reduce((sum, position) => sum + position.stale, 0);
    if (stale === 0) return;
    if (clock() > deadline || signal?.aborted === true)
      throw new Fault(
        'verify_failed',
        `the live store was not at rest in ${PATIENCE_MS / 1_000} s: ${stale} homes wait to be read again from history`,
      );
    await pause(POLL_MS, signal);
  }
}
