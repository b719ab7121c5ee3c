import { Fault } from '@kpi/core';
import type { RebuildReport } from '@kpi/live';

import type { CliContext } from '../context.ts';
import { accessEngines } from '../engines.ts';
import type { GlobalFlags } from '../options.ts';
import { formatCount, plural, report } from '../output.ts';
import { createStepProgress } from '../verify/step-progress.ts';
import { type AddCommand, type CommandSetting, withExamples } from './command.ts';

type RebuildFlags = GlobalFlags & { readonly from: string };

const SOURCES = ['kafka', 'clickhouse'] as const;
type Source = (typeof SOURCES)[number];

/** `kpi rebuild`: count all live values anew, while the old ones are served. */
export const addRebuild: AddCommand = (program, setting) => {
  const command = program
    .command('rebuild')
    .description('count all live values anew, then put them in place at once')
    .option(
      '--from <source>',
      'what to count from: kafka (the log), or clickhouse (history, then the log from where history ends)',
      'kafka',
    )
    .addHelpText(
      'after',
      `
A second live store is filled beside the one in use, from the beginning of every input topic or from what the archive has
written. Workers and readers go on meanwhile. When it has applied as much as the old one it is put in its place in one step;
running workers take it over within a second, readers show its values as soon as none would go back in time, and the old store
is removed. Redis needs room for both. The newest definitions of every tenant come into force with it. Interrupted before that step, nothing has changed.

Refused from kafka when the log no longer begins at its beginning (offset_lost): count from clickhouse then. Refused from
clickhouse when history ends before the log begins (history_incomplete): what lies between is in neither.`,
    )
    .action(() => runRebuild(command.optsWithGlobals<RebuildFlags>(), setting));
  withExamples(command, ['kpi rebuild', 'kpi rebuild --from clickhouse', 'kpi rebuild --json']);
};

async function runRebuild(flags: RebuildFlags, { context }: CommandSetting): Promise<void> {
  const source = readSource(flags.from);
  const done = await rebuildStore(context, source);
  report(context, flags.json, { json: { from: source, ...done }, text: () => sentenceOf(done) });
}

/** Throws `parameter_invalid`. */
export function readSource(text: string): Source {
  const source = SOURCES.find((one) => one === text);
  if (source !== undefined) return source;
  throw new Fault('parameter_invalid', `--from is ${SOURCES.join(' or ')}, not ${text}`);
}

/** Count everything anew, with progress for whoever watches. */
export async function rebuildStore(context: CliContext, source: Source): Promise<RebuildReport> {
  const { config, log } = accessEngines(context);
  const { rebuildInstallation } = await import('@kpi/live');
  const progress = createStepProgress(context.err, 'records');
  try {
    return await rebuildInstallation({
      config,
      source,
      log,
      clock: context.clock,
      signal: context.signal,
      onProgress: ({ step, applied, total }) => {
        if (step === 'filling') progress.update(applied, total);
      },
    });
  } finally {
    progress.close();
  }
}

function sentenceOf({ records, refused, takenOver, generation }: RebuildReport): string {
  const counted = `${plural(records, 'record')} counted anew, ${formatCount(refused)} refused`;
  const hand =
    takenOver === 0
      ? 'the next worker that starts goes on with it'
      : `running workers took over ${plural(takenOver, 'partition')}`;
  return `Rebuilt: ${counted}. Generation ${generation} is in use; ${hand}.`;
}
