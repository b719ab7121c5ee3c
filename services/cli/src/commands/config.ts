import { ENGINE_OPTIONS, HTTP_OPTIONS, describeConfig } from '@kpi/runtime';
import { z } from 'zod';

import { CLI_OPTIONS, type GlobalFlags } from '../options.ts';
import { formatTable, report } from '../output.ts';
import { type AddCommand, withExamples } from './command.ts';
import { addDefinitions } from './definitions.ts';

/** `kpi config`: what can be set, and definitions of KPIs. Options that one service alone has are in its README. */
export const addConfig: AddCommand = (program, setting) => {
  const { context } = setting;
  const command = program
    .command('config')
    .description('options with their defaults and what they mean; definitions of KPIs')
    .action(async () => {
      const { API_KEY_OPTIONS } = await import('@kpi/redis');
      const { json } = command.optsWithGlobals<GlobalFlags>();
      const declared = [
        { title: 'Every process', options: z.object(ENGINE_OPTIONS) },
        {
          title: 'Processes that listen',
          options: z.object({ ...HTTP_OPTIONS, ...API_KEY_OPTIONS }),
        },
        { title: 'Command line', options: z.object(CLI_OPTIONS) },
      ];
      const groups = declared.map(({ title, options }) => ({
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
  addDefinitions(command, setting);
  withExamples(command, [
    'kpi config',
    "kpi config --json | jq '.[].options[].name'",
    'kpi config show --tenant acme > acme.yaml',
    'kpi config check acme.yaml',
    'kpi config apply acme.yaml --tenant acme --rebuild',
  ]);
};
