import { Fault } from '@kpi/core';

import { compareAnswer, groupsAnswer } from '../client/compare-answer.ts';
import { createHttpClient, getJson } from '../client/http.ts';
import { formatComparison } from '../comparison/format-comparison.ts';
import { formatGroups } from '../comparison/format-groups.ts';
import type { CliContext } from '../context.ts';
import { type GlobalFlags, readCliConfig } from '../options.ts';
import { report } from '../output.ts';
import { type AddCommand, withExamples } from './command.ts';

interface CompareFlags {
  readonly by?: string;
  readonly of?: string;
  readonly asOf?: string;
  readonly since?: string;
  readonly from?: string;
  readonly to?: string;
  readonly window?: string;
  readonly trainedBy?: string;
  readonly course?: readonly string[];
  readonly lag?: string;
  readonly strata?: string;
  readonly filter?: readonly string[];
  readonly withoutIncidents?: boolean;
  readonly prepost?: string;
  readonly washout?: string;
}

const EXAMPLES = [
  'kpi compare',
  'kpi compare --from 2026-01-01 --to 2026-04-01',
  'kpi compare --window 182d --trained-by users:3 --course basics --lag 7d',
  'kpi compare --strata tenure,plan,month --filter plan:pro --without-incidents',
  'kpi compare nps_score --by plan --of team,business --window 91d',
  'kpi compare customer_churn_rate --by trained',
];

const TICKETS = 'support_ticket_rate';

/** `kpi compare`: do trained customers open fewer tickets? */
export const addCompare: AddCommand = (program, { context }) => {
  const command = program
    .command('compare')
    .description('tickets of trained and untrained time, compared fairly; or two groups of any KPI')
    .argument('[kpi]', 'id of a KPI whose groups are compared with --by', TICKETS)
    .option('--by <dimension>', 'compare two values of a dimension')
    .option('--of <values>', 'the two values, comma-separated; of trained they need not be said')
    .option('--as-of <time>', 'with --by: end of the window (RFC 3339, or a day); by default now')
    .option(
      '--since <time>',
      'a comparison that grows; by default since the first day of the quarter',
    )
    .option('--from <time>', 'a fixed window: its start (RFC 3339, or a day)')
    .option('--to <time>', 'a fixed window: its end; by default the last whole hour')
    .option('--window <duration>', 'a fixed window by its length, such as 91d')
    .option('--trained-by <rule>', 'users:1, users:3 or seats:0.5 of an account')
    .option('--course <id>', 'a course that trains; repeatable', gather)
    .option('--lag <duration>', 'time after training that belongs to neither group')
    .option('--strata <names>', 'what must be alike: tenure, plan, month')
    .option('--filter <name:value>', 'only this time (plan, tenure); repeatable', gather)
    .option('--without-incidents', 'leave out tickets of outages')
    .option('--prepost <duration>', 'time before and after training, within accounts (84d)')
    .option('--washout <duration>', 'time before training that is left out of it (28d)')
    .action((kpi: string) => {
      const flags = command.optsWithGlobals<CompareFlags & GlobalFlags>();
      if (flags.by !== undefined) return compareGroups(kpi, flags, context);
      if (kpi === TICKETS) return compare(flags, context);
      throw new Fault('parameter_invalid', `which groups of ${kpi}? Name a dimension with --by`);
    });
  withExamples(command, EXAMPLES);
};

function gather(text: string, earlier: readonly string[] = []): readonly string[] {
  return [...earlier, text];
}

async function compareGroups(
  kpi: string,
  flags: CompareFlags & GlobalFlags,
  context: CliContext,
): Promise<void> {
  const client = createHttpClient(readCliConfig(context.environment, flags));
  const { by, of, asOf, window, filter } = flags;
  const query = { by, of, as_of: asOf, window, filter: filter?.join(',') };
  const path = `/v1/compare/${encodeURIComponent(kpi)}`;
  const { answer, json } = await getJson(client, { path, query }, groupsAnswer);
  report(context, flags.json, { json, text: () => formatGroups(answer) });
}

async function compare(flags: CompareFlags & GlobalFlags, context: CliContext): Promise<void> {
  const client = createHttpClient(readCliConfig(context.environment, flags));
  const { since, from, to, window, trainedBy, course, lag, strata, filter, prepost, washout } =
    flags;
  const query = {
    since,
    from,
    to,
    window,
    trained_by: trainedBy,
    courses: course?.join(','),
    lag,
    strata,
    filter: filter?.join(','),
    incidents: flags.withoutIncidents === true ? 'exclude' : undefined,
    prepost,
    washout,
  };
  const path = `/v1/compare/${TICKETS}`;
  const { answer, json } = await getJson(client, { path, query }, compareAnswer);
  report(context, flags.json, { json, text: () => formatComparison(answer) });
}
