import { type Environment } from '@kpi/runtime';

import type { ExitCode } from './exit-code.ts';
import { runCli } from './program.ts';

/** What a command wrote and how it ended. */
export interface CliRun {
  readonly code: ExitCode;
  readonly out: string;
  readonly err: string;
}

export interface CliRunOptions {
  readonly environment?: Environment;
  readonly signal?: AbortSignal;
  readonly stdin?: string;
}

/** Run a command in this process, as a program reads it: not on a terminal. */
export async function runTestCli(
  words: readonly string[],
  options: CliRunOptions = {},
): Promise<CliRun> {
  const written = { out: '', err: '' };
  const terminal = (name: 'out' | 'err') => ({
    isTty: false,
    stream: process.stderr,
    write: (text: string) => void (written[name] += text),
  });
  const code = await runCli(words, {
    environment: options.environment ?? {},
    stdin: (async function* () {
      yield Buffer.from(options.stdin ?? '');
    })(),
    out: terminal('out'),
    err: terminal('err'),
    clock: () => Date.parse('2026-01-31T00:00:00Z') + Math.floor(performance.now()),
    random: () => 0,
    signal: options.signal ?? new AbortController().signal,
  });
  return { code, ...written };
}
