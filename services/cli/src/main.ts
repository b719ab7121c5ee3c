import { systemClock } from '@kpi/runtime';

import type { Terminal } from './context.ts';
import { EXIT } from './exit-code.ts';
import { runCli } from './program.ts';
import { withRunningEngines } from './running-engines.ts';

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

// kafkajs computes some waits below zero; Node takes them as "at once", which is what is meant.
process.removeAllListeners('warning');
process.on('warning', (warning) => {
  if (warning.name !== 'TimeoutNegativeWarning') process.stderr.write(`${warning.message}\n`);
});

function terminal(stream: NodeJS.WriteStream): Terminal {
  return { stream, isTty: stream.isTTY, write: (text) => void stream.write(text) };
}

/** Standard input until it ends, or until Ctrl-C ends the wait for more of it. */
async function* readStdin(): AsyncGenerator<Buffer> {
  stop.signal.addEventListener('abort', () => process.stdin.destroy());
  try {
    for await (const chunk of process.stdin) yield Buffer.from(chunk);
  } catch (error) {
    if (!stop.signal.aborted) throw error;
  }
}

process.exitCode = await runCli(process.argv.slice(2), {
  environment: await withRunningEngines(process.env),
  stdin: readStdin(),
  out: terminal(process.stdout),
  err: terminal(process.stderr),
  clock: systemClock,
  random: Math.random,
  signal: stop.signal,
});
