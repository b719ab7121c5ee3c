import { DEFAULT_DEFINITIONS } from '@kpi/core';
import type { RebuildReport } from '@kpi/live';

import type { CliContext } from '../context.ts';
import { accessEngines } from '../engines.ts';
import type { GlobalFlags } from '../options.ts';
import { formatCount, plural, report } from '../output.ts';
import { createStepProgress } from '../verify/step-progress.ts';
import { type AddCommand, type CommandSetting, withExamples } from './command.ts';

/** `kpi rebuild`: count all live values anew, while the old ones are served. */
export const addRebuild: AddCommand = (program, setting) => {
  const command = program
    .command('rebuild')
    .description('count all live values anew from the log, then put them in place at once')
    .addHelpText(
      'after',
      `
A second live store is filled from the beginning of every input topic, beside the one in use. Workers and readers go on
meanwhile. When it has applied as much as the old one it is put in its place in one step; running workers take it over within a
second, readers show its values as soon as none would go back in time, and the old store is removed. Redis needs room for both.
Interrupted before that step, nothing has changed. Refused when the log no longer begins at its beginning (offset_lost).`,
    )
    .action(() => runRebuild(command.optsWithGlobals<GlobalFlags>(), setting));
  withExamples(command, ['kpi rebuild', 'kpi rebuild --json']);
};

async function runRebuild(flags: GlobalFlags, { context }: CommandSetting): Promise<void> {
  const done = await rebuildStore(context);
  report(context, flags.json, { json: done, text: () => sentenceOf(done) });
}

async function rebuildStore(context: CliContext): Promise<RebuildReport> {
  const { config, log } = accessEngines(context);
  const [{ rebuild }, kafka, redis] = await Promise.all([
    import('@kpi/live'),
    import('@kpi/kafka'),
    import('@kpi/redis'),
  ]);
  const progress = createStepProgress(context.err, 'records');
  const client = await redis.createRedis(config, log);
  try {
    await redis.assertSuitable(client);
    return await rebuild({
      client,
      prefix: config.KPI_REDIS_PREFIX,
      partitions: config.KPI_PARTITIONS,
      kafka: kafka.createKafka(config, log),
      topics: kafka.topicsOf(config).input,
      decoder: kafka.createEventDecoder({
        registry: new kafka.SchemaRegistry(config),
        clock: context.clock,
      }),
      groupId: `${config.KPI_TOPIC_PREFIX}rebuild-${crypto.randomUUID()}`,
      definitionsOf: () => DEFAULT_DEFINITIONS,
      log,
      clock: context.clock,
      signal: context.signal,
      onProgress: ({ step, applied, total }) => {
        if (step === 'filling') progress.update(applied, total);
      },
    });
  } finally {
    progress.close();
    await redis.closeRedis(client);
  }
}

function sentenceOf({ records, refused, takenOver, generation }: RebuildReport): string {
  const counted = `${plural(records, 'record')} counted anew, ${formatCount(refused)} refused`;
  return `Rebuilt: ${counted}. Generation ${generation} is in use; running workers took over ${plural(takenOver, 'partition')}.`;
}
