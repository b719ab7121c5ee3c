import { ENGINE_OPTIONS, describeConfig } from '@kpi/runtime';
import { z } from 'zod';

import { CLI_OPTIONS, type GlobalFlags } from '../options.ts';
import { formatTable, report } from '../output.ts';
import { type AddCommand, withExamples } from './command.ts';

const GROUPS = [
  { title: 'Every process', options: z.object(ENGINE_OPTIONS) },
  { title: 'Command line', options: z.object(CLI_OPTIONS) },
] as const;

/** `kpi config`: what can be set, with what it is now. Values of secrets are never shown. */
export const addConfig: AddCommand = (program, { context }) => {
  const command = program
    .command('config')
    .description('every option with its default and what it means')
    .action(() => {
      const { json } = command.optsWithGlobals<GlobalFlags>();
      const groups = GROUPS.map(({ title, options }) => ({
        title,
        options: describeConfig(options).map(({ name, byDefault, description }) => ({
          name,
          default: byDefault,
          description,
        })),
      }));
      report(context, json, {
        json: groups,
        text: () =>
          groups
            .map(({ title, options }) => {
              const rows = options.map((each) => [each.name, each.default, each.description]);
              return `${title}\n\n${formatTable({ head: ['name', 'default', 'meaning'], rows })}`;
            })
            .join('\n\n'),
      });
    });
  withExamples(command, ['kpi config', "kpi config --json | jq '.[].options[].name'"]);
};
