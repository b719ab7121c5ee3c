import type { Clock, Environment } from '@kpi/runtime';

/** A stream of text towards a person or a program. */
export interface Terminal {
  write(text: string): void;
  readonly isTty: boolean;
  /** For libraries that draw. */
  readonly stream: NodeJS.WritableStream;
}

/** Everything of the outside world that commands use. `main.ts` makes it. */
export interface CliContext {
  readonly environment: Environment;
  readonly stdin: AsyncIterable<Buffer>;
  /** Results. */
  readonly out: Terminal;
  /** Progress and errors, so that results can be piped. */
  readonly err: Terminal;
  readonly clock: Clock;
  /** A number in [0, 1). */
  readonly random: () => number;
  /** Aborts on the first Ctrl-C: finish what is in hand and say what is left. */
  readonly signal: AbortSignal;
}
