import type { Clock } from '@kpi/runtime';

import type { Terminal } from '../context.ts';

/** Tells people how much has come. How much will come is not known before. */
export interface ByteProgress {
  readonly update: (bytes: number) => void;
  /** Removes the line; can be called twice. */
  readonly close: () => void;
}

const UPDATE_MS = 200;
const MIB = 1_048_576;
const CLEAR_LINE = '\r\u001B[K';

/** One line on a terminal that is written anew; silent elsewhere. */
export function createByteProgress(terminal: Terminal, clock: Clock): ByteProgress {
  const startedAt = clock();
  let nextAt = startedAt;
  return {
    update(bytes) {
      const now = clock();
      if (!terminal.isTty || now < nextAt) return;
      nextAt = now + UPDATE_MS;
      const perS = bytes / MIB / Math.max((now - startedAt) / 1_000, 0.001);
      terminal.write(`${CLEAR_LINE}${(bytes / MIB).toFixed(1)} MiB, ${perS.toFixed(1)} MiB/s`);
    },
    close() {
      if (terminal.isTty) terminal.write(CLEAR_LINE);
    },
  };
}
