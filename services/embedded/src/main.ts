import { Fault, type FaultCode } from '@kpi/core';
import { readConfig, systemClock } from '@kpi/runtime';

import { readCommandLine, USAGE } from './command-line.ts';
import { startDemo } from './demo.ts';
import { type Embedded, startEmbedded } from './embedded.ts';
import { EMBEDDED_OPTIONS } from './options.ts';
import { createReporter, seconds } from './reporter.ts';

/** Besides 0, asked to stop. Forced: by a second signal, or by one before all was up. */
const EXIT = { failed: 1, misused: 2, forced: 130 } as const;
/** What people wrote is wrong. */
const MISUSE: ReadonlySet<FaultCode> = new Set(['config_invalid', 'definitions_invalid']);
/** One Ctrl-C may arrive more than once: from the terminal and from whoever started this. */
const SAME_SIGNAL_MS = 500;

const reporter = createReporter(process.stdout);
let embedded: Embedded | undefined;
let stoppingSince: number | undefined;

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, onSignal);
process.on('uncaughtException', onFatal);
// Node would write warnings between our lines; the one about timers in the past is kafkajs's habit and harmless.
process.removeAllListeners('warning');
process.on('warning', ({ name, message }) => {
  if (name !== 'TimeoutNegativeWarning') reporter.note(`${name}: ${message}`);
});

try {
  await run();
} catch (error) {
  reporter.problem(reasonOf(error));
  process.exit(error instanceof Fault && MISUSE.has(error.code) ? EXIT.misused : EXIT.failed);
}

async function run(): Promise<void> {
  const { isHelp, environment } = readCommandLine(process.argv.slice(2), process.env);
  if (isHelp) {
    process.stdout.write(USAGE);
    return;
  }
  const from = systemClock();
  const config = readConfig(EMBEDDED_OPTIONS, environment);
  const dataDir = config.KPI_DATA_DIR;
  reporter.note(`Starting; data in ${dataDir}, logs in ${dataDir}/logs`);
  const running = await startEmbedded({ dataDir, environment, reporter, onFatal });
  embedded = running;
  reporter.box([
    running.url,
    running.areKeysRequired
      ? 'Requests need an API key: npm run kpi -- keys --help'
      : 'No API key is needed: it listens on this machine only.',
  ]);
  if (config.KPI_DEMO) await startDemo(running, { dataDir, reporter });
  reporter.note(`Up after ${seconds(systemClock() - from)} s. Ctrl-C stops everything.`);
}

/** The first signal stops in order. A second one, or one before all is up, ends at once: engines follow by themselves. */
function onSignal(): void {
  const now = systemClock();
  if (embedded === undefined) {
    reporter.note('Stopped before all was up');
    process.exit(EXIT.forced);
  }
  if (stoppingSince === undefined) {
    reporter.note('Stopping; Ctrl-C again ends at once');
    void stop(embedded, 0);
  } else if (now - stoppingSince > SAME_SIGNAL_MS) {
    process.exit(EXIT.forced);
  }
}

function onFatal(error: unknown): void {
  reporter.problem(reasonOf(error));
  if (embedded === undefined) process.exit(EXIT.failed);
  if (stoppingSince === undefined) void stop(embedded, EXIT.failed);
}

async function stop(running: Embedded, code: number): Promise<void> {
  stoppingSince = systemClock();
  await running.close();
  reporter.done('All stopped');
  process.exit(code);
}

/** A fault says it in one line; anything else is a bug, and its place matters. */
function reasonOf(error: unknown): string {
  if (error instanceof Fault) return error.detail;
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
