import { Fault } from '@kpi/core';

import type { CliContext } from '../context.ts';
import { accessEngines } from '../engines.ts';
import type { GlobalFlags } from '../options.ts';
import { formatCount, formatTable, report } from '../output.ts';
import { type AddCommand, withExamples } from './command.ts';
import { addRepartition } from './repartition.ts';
import type { KafkaClient, TopicDeclaration } from '@kpi/kafka';

/** `kpi topics`: the topics of the event log against their declaration. */
export const addTopics: AddCommand = (program, setting) => {
  const { context } = setting;
  const topics = program.command('topics').description('topics of the event log');
  const list = topics
    .command('list', { isDefault: true })
    .description('every declared topic, with the partitions and records that it has')
    .action(() => listTopics(list.optsWithGlobals<GlobalFlags>(), context));
  const ensure = topics
    .command('ensure')
    .description('create what is missing, then verify')
    .action(() => ensureDeclared(ensure.optsWithGlobals<GlobalFlags>(), context));
  const verify = topics
    .command('verify')
    .description('compare partitions and settings with the declaration; change nothing')
    .action(() => verifyDeclared(verify.optsWithGlobals<GlobalFlags>(), context));
  addRepartition(topics, setting);
  withExamples(topics, ['kpi topics', 'kpi topics ensure', 'kpi topics verify || alert']);
};

async function ensureDeclared(flags: GlobalFlags, context: CliContext): Promise<void> {
  const { ensureTopics } = await import('@kpi/kafka');
  const { kafka, topics } = await openLog(context);
  await ensureTopics(kafka, topics);
  const names = topics.declarations.map(({ name }) => name);
  report(context, flags.json, {
    json: { topics: names },
    text: () => `${names.length} topics are as declared.`,
  });
}

async function verifyDeclared(flags: GlobalFlags, context: CliContext): Promise<void> {
  const { ensureTopics } = await import('@kpi/kafka');
  const { kafka, topics } = await openLog(context);
  const found = await readTopics(kafka, topics.declarations);
  const missing = found.filter(({ partitions }) => partitions === 0).map(({ name }) => name);
  if (missing.length > 0) {
    throw new Fault('topic_mismatch', `there is no topic ${missing.join(', ')}`);
  }
  // With nothing missing this only compares.
  await ensureTopics(kafka, topics);
  report(context, flags.json, {
    json: { topics: found },
    text: () => `${found.length} topics are as declared.`,
  });
}

async function listTopics(flags: GlobalFlags, context: CliContext): Promise<void> {
  const { kafka, topics } = await openLog(context);
  const found = await readTopics(kafka, topics.declarations);
  report(context, flags.json, {
    json: { topics: found },
    text: () =>
      formatTable({
        head: ['topic', 'partitions', 'declared', 'records'],
        right: [1, 2, 3],
        rows: found.map(({ name, partitions, declared, records }) => [
          name,
          partitions === 0 ? 'missing' : String(partitions),
          String(declared),
          formatCount(records),
        ]),
      }),
  });
}

async function openLog(context: CliContext) {
  const { createKafka, topicsOf } = await import('@kpi/kafka');
  const { config, log } = accessEngines(context);
  return { kafka: createKafka(config, log), topics: topicsOf(config) };
}

interface FoundTopic {
  readonly name: string;
  /** 0 when there is no such topic. */
  readonly partitions: number;
  readonly declared: number;
  /** Records that the log still holds. */
  readonly records: number;
}

async function readTopics(
  kafka: KafkaClient,
  declarations: readonly TopicDeclaration[],
): Promise<readonly FoundTopic[]> {
  const { readOffsets } = await import('../log-offsets.ts');
  const offsets = await readOffsets(
    kafka,
    declarations.map(({ name }) => name),
  );
  return declarations.map(({ name, partitions: declared }) => {
    const found = offsets.get(name) ?? [];
    const records = found.reduce((sum, { first, next }) => sum + next - first, 0);
    return { name, partitions: found.length, declared, records };
  });
}
