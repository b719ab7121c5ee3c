import { systemClock } from '@kpi/runtime';

import type { Terminal } from './context.ts';
import { EXIT } from './exit-code.ts';
import { runCli } from './program.ts';

const stop = new AbortController();
process.on('SIGINT', () => {
  if (stop.signal.aborted) process.exit(EXIT.interrupted);
  stop.abort();
});

for (const stream of [process.stdout, process.stderr]) {
  // `kpi … | head` closes the pipe: whoever reads has seen enough.
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(EXIT.done);
    throw error;
  });
}

function terminal(stream: NodeJS.WriteStream): Terminal {
  return { stream, isTty: stream.isTTY, write: (text) => void stream.write(text) };
}

process.exitCode = await runCli(process.argv.slice(2), {
  environment: process.env,
  stdin: process.stdin,
  out: terminal(process.stdout),
  err: terminal(process.stderr),
  clock: systemClock,
  random: Math.random,
  signal: stop.signal,
});
