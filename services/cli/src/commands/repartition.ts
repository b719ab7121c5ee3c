import { InvalidArgumentError } from 'commander';

import { accessEngines } from '../engines.ts';
import { EXIT } from '../exit-code.ts';
import type { GlobalFlags } from '../options.ts';
import { formatCount, plural, report } from '../output.ts';
import {
  type ChangedSettings,
  type RepartitionFlags,
  changedSettings,
} from '../topics/new-names.ts';
import type { RepartitionReport } from '../topics/repartition.ts';
import { createStepProgress } from '../verify/step-progress.ts';
import { type AddCommand, type CommandSetting, withExamples } from './command.ts';

const PARTITIONS_MAX = 1_024;

/** `kpi topics repartition`: the same events in topics with another number of partitions. */
export const addRepartition: AddCommand = (topics, setting) => {
  const command = topics
    .command('repartition')
    .description('copy everything into new topics with another number of partitions')
    .requiredOption('--partitions <n>', 'partitions of the new input topics', partitionCount)
    .option('--prefix <text>', 'KPI_TOPIC_PREFIX of the new topics (default: p<n>. is added)')
    .option(
      '--database <name>',
      'KPI_CLICKHOUSE_DATABASE of the new tables (default: _p<n> is added)',
    )
    .addHelpText(
      'after',
      `
A key lies in another partition when there are more of them, so nothing can be changed in place: topics, tables and the live
store are made anew, and the old topics and tables stay as they are.

  1. While everything runs: kpi topics repartition --partitions 16. It writes every archived event into new topics, in the
     order of each key, and copies dead letters and published values. It may be repeated at any time and goes on where it was.
  2. Stop ingest. When kpi status shows no lag, stop aggregate and archive. The API may go on answering.
  3. The same command again: it copies the rest and says "complete" (exit code 3 while it is not).
  4. Give the settings that it prints to every service and to kpi. Run kpi rebuild, then start the services.
  5. When the archive has caught up, kpi verify ends with 0. Consumers of kpi.values.v1 follow the topic of the new prefix.

Steps 1 to 5 must fit into the retention of the topics (7 days). To go back: the old settings and kpi rebuild.`,
    )
    .action(() =>
      runRepartition(command.optsWithGlobals<GlobalFlags & RepartitionFlags>(), setting),
    );
  withExamples(command, [
    'kpi topics repartition --partitions 16',
    'kpi topics repartition --partitions 16 --prefix wide. --database kpi_wide',
  ]);
};

async function runRepartition(
  flags: GlobalFlags & RepartitionFlags,
  { context, setExitCode }: CommandSetting,
): Promise<void> {
  const access = accessEngines(context);
  const settings = changedSettings(access.config, flags);
  const { repartition } = await import('../topics/repartition.ts');
  const progress = createStepProgress(context.err, 'records');
  const done = await repartition({
    ...access,
    settings,
    clock: context.clock,
    signal: context.signal,
    onProgress: progress.update,
  }).finally(progress.close);
  const isComplete = done.behind === 0 && done.running.length === 0;
  if (!isComplete) setExitCode(EXIT.differences);
  report(context, flags.json, {
    json: { complete: isComplete, ...done, settings },
    text: () => `${sentenceOf(done)}\n\n${isComplete ? nextSteps(settings) : missing(done)}`,
  });
}

function sentenceOf({ copied, deadLetters }: RepartitionReport): string {
  return `${plural(copied, 'record')} copied, ${plural(deadLetters, 'dead letter')} kept.`;
}

function missing({ behind, running }: RepartitionReport): string {
  const lines = [
    ...(behind === 0 ? [] : [`  ${plural(behind, 'record')} of the log not archived yet`]),
    ...(running.length === 0 ? [] : [`  still running: ${running.join(', ')}`]),
  ];
  return `Not complete:\n${lines.join('\n')}\nStop ingest, wait until kpi status shows no lag, stop aggregate and archive, and run this again.`;
}

function nextSteps(settings: ChangedSettings): string {
  const lines = Object.entries(settings).map(([name, value]) => `  ${name}=${value}`);
  return `Complete. Give these settings to every service and to kpi:\n${lines.join('\n')}\nthen start archive, kpi rebuild, and start the other services.`;
}

function partitionCount(text: string): number {
  const count = Number(text);
  if (Number.isInteger(count) && count >= 1 && count <= PARTITIONS_MAX) return count;
  throw new InvalidArgumentError(`It must be a whole number, 1 to ${formatCount(PARTITIONS_MAX)}.`);
}
