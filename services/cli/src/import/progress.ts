import type { Clock } from '@kpi/runtime';
import { Presets, SingleBar } from 'cli-progress';

import type { Terminal } from '../context.ts';
import { formatCount, writeLine } from '../output.ts';
import type { Tally } from './tally.ts';

/** Tells people how far an import is. */
export interface Progress {
  update(bytesDone: number, tally: Tally): void;
  /** Why the import waits at the moment. Several batches wait for the same: it is said now and then, not each time. */
  waiting(reason: string): void;
  /** Ends the bar; can be called twice. */
  close(): void;
}

interface ProgressOptions {
  readonly terminal: Terminal;
  readonly clock: Clock;
  readonly bytesTotal: number;
}

const LINE_EVERY_MS = 5_000;
const WAITING_EVERY_MS = 30_000;
const BAR =
  '{bar} {percentage} %  {rows} rows  {accepted} accepted  {refused} refused  {eta_formatted} left';

/** A bar on a terminal, a line every five seconds elsewhere. */
export function createProgress(options: ProgressOptions): Progress {
  return options.terminal.isTty ? createBar(options) : createLines(options);
}

function createBar({ terminal, clock, bytesTotal }: ProgressOptions): Progress {
  const bar = new SingleBar(
    { format: BAR, stream: terminal.stream, hideCursor: true, barsize: 30, gracefulExit: false },
    Presets.shades_classic,
  );
  bar.start(bytesTotal, 0, { rows: 0, accepted: 0, refused: 0 });
  return {
    update(bytesDone, tally) {
      bar.update(bytesDone, describe(tally));
    },
    waiting: seldom(clock, (line) => writeLine(terminal, `\r\u001B[K${line}`)),
    close() {
      bar.stop();
    },
  };
}

function createLines({ terminal, clock, bytesTotal }: ProgressOptions): Progress {
  let nextAt = clock() + LINE_EVERY_MS;
  return {
    update(bytesDone, tally) {
      if (clock() < nextAt) return;
      nextAt = clock() + LINE_EVERY_MS;
      const share = bytesTotal === 0 ? '' : `${Math.floor((100 * bytesDone) / bytesTotal)} %, `;
      const { rows, accepted, refused } = describe(tally);
      writeLine(terminal, `${share}${rows} rows, ${accepted} accepted, ${refused} refused`);
    },
    waiting: seldom(clock, (line) => writeLine(terminal, line)),
    close: () => undefined,
  };
}

function seldom(clock: Clock, write: (line: string) => void): (reason: string) => void {
  let nextAt = 0;
  return (reason) => {
    if (clock() < nextAt) return;
    nextAt = clock() + WAITING_EVERY_MS;
    write(`waiting: ${reason}`);
  };
}

function describe(tally: Tally) {
  return {
    rows: formatCount(tally.rows),
    accepted: formatCount(tally.acceptedEvents),
    refused: formatCount(tally.refusedRows + tally.refusedEvents),
  };
}
