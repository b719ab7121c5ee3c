import { EVENT_TYPES } from '@kpi/core';
import type { SchemaIds } from '@kpi/kafka';

import type { CliContext } from '../context.ts';
import { accessEngines } from '../engines.ts';
import type { GlobalFlags } from '../options.ts';
import { formatTable, report } from '../output.ts';
import { type AddCommand, withExamples } from './command.ts';

/** `kpi schemas`: the schemas of events in the registry. */
export const addSchemas: AddCommand = (program, { context }) => {
  const schemas = program.command('schemas').description('schemas of events in the registry');
  const register = schemas
    .command('register')
    .description('register what is missing, under compatibility BACKWARD, and list the ids')
    .action(() => registerAll(register.optsWithGlobals<GlobalFlags>(), context));
  withExamples(schemas, ['kpi schemas register']);
};

async function registerAll(flags: GlobalFlags, context: CliContext): Promise<void> {
  const { SchemaRegistry, registerSchemas, subjectOf, topicsOf } = await import('@kpi/kafka');
  const { config } = accessEngines(context);
  const topics = topicsOf(config);
  const ids: SchemaIds = await registerSchemas(new SchemaRegistry(config), topics);
  const found = EVENT_TYPES.map((type) => ({
    event_type: type,
    subject: subjectOf(topics, type),
    id: ids.get(type) ?? null,
  }));
  report(context, flags.json, {
    json: { schemas: found },
    text: () =>
      formatTable({
        head: ['event type', 'subject', 'id'],
        right: [2],
        rows: found.map(({ event_type: type, subject, id }) => [type, subject, String(id)]),
      }),
  });
}
