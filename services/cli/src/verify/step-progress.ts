import { Presets, SingleBar } from 'cli-progress';

import type { Terminal } from '../context.ts';

/** A bar over a number of steps, which may grow, on a terminal; silent elsewhere. */
export interface StepProgress {
  readonly update: (done: number, all: number) => void;
  readonly close: () => void;
}

export function createStepProgress(terminal: Terminal, unit: string): StepProgress {
  if (!terminal.isTty) return { update: () => undefined, close: () => undefined };
  const format = `{bar} {value}/{total} ${unit}`;
  const bar = new SingleBar(
    { format, stream: terminal.stream, hideCursor: true, barsize: 30, clearOnComplete: true },
    Presets.shades_classic,
  );
  let isStarted = false;
  return {
    update(done, all) {
      if (!isStarted) bar.start(all, done);
      isStarted = true;
      bar.setTotal(all);
      bar.update(done);
    },
    close: () => bar.stop(),
  };
}
