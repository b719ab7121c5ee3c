import { InvalidArgumentError, Option } from 'commander';

import { type HttpClient, createHttpClient, getJson } from '../client/http.ts';
import { type MembersPage, membersAnswer } from '../client/members-answer.ts';
import type { CliContext, Terminal } from '../context.ts';
import { download } from '../export/download.ts';
import { formatMembers } from '../members/format-members.ts';
import { MEMBER_FORMATS } from '../members/member-lines.ts';
import { type GlobalFlags, readCliConfig } from '../options.ts';
import { plural, report, writeLine } from '../output.ts';
import { type AddCommand, withExamples } from './command.ts';

interface MembersFlags {
  readonly window?: string;
  readonly by?: readonly string[];
  readonly filter?: readonly string[];
  readonly horizon?: string;
  readonly age?: string;
  readonly asOf?: string;
  readonly counted?: string;
  readonly account?: string;
  readonly limit: number;
  readonly format?: keyof typeof MEMBER_FORMATS;
  readonly out?: string;
}

const EXAMPLES = [
  'kpi members course_completion_rate --counted false',
  'kpi members customer_churn_rate --counted churned --window 28d',
  'kpi members support_ticket_rate --account acme --as-of 2026-01-31',
  'kpi members nps_score --filter context:ticket --format csv --out who.csv',
];

/** Members that people read at a time, and those of a page when all are written. */
const LIMIT = 50;
const PAGE = 1_000;

/** `kpi members`: who counts in a KPI, who does not, and why. */
export const addMembers: AddCommand = (program, { context }) => {
  const command = program
    .command('members')
    .description('who counts in a KPI, who does not, and why')
    .argument('<kpi>', 'id of a KPI, with a variant after a dot')
    .option('--window <duration>', 'length of the window, such as 24h or 28d')
    .option('--by <dimension>', 'of what counts once, tell each value; repeatable', gather)
    .option('--filter <name:value>', 'only these; repeatable', gather)
    .option('--horizon <duration>', 'time to convert, for cohort KPIs')
    .option('--age <months>', 'age of customers until which is told what they brought')
    .option('--as-of <time>', 'as of one moment (RFC 3339, or a day); by default now')
    .option('--counted <what>', 'true, false, or a component such as completed')
    .option('--account <id>', 'only members of this account')
    .option('--limit <count>', 'members to show', readLimit, LIMIT)
    .addOption(new Option('--format <format>', 'write all of them').choices(['csv', 'ndjson']))
    .option('-o, --out <file>', 'with --format: where to; by default standard output')
    .action(async (kpi: string) => {
      const flags = command.optsWithGlobals<MembersFlags & GlobalFlags>();
      const asked = {
        kpi,
        flags,
        client: createHttpClient(readCliConfig(context.environment, flags)),
      };
      await (flags.format === undefined
        ? show(asked, context)
        : write(asked, flags.format, context));
    });
  withExamples(command, EXAMPLES);
};

function gather(text: string, earlier: readonly string[] = []): readonly string[] {
  return [...earlier, text];
}

function readLimit(text: string): number {
  const limit = /^\d{1,7}$/.test(text) ? Number(text) : 0;
  if (limit < 1) throw new InvalidArgumentError('a number from 1 on');
  return limit;
}

interface Asked {
  readonly kpi: string;
  readonly flags: MembersFlags & GlobalFlags;
  readonly client: HttpClient;
}

async function show(asked: Asked, context: CliContext): Promise<void> {
  let shown: MembersPage | undefined;
  for await (const page of pages(asked, asked.flags.limit)) {
    shown = { ...page, members: [...(shown?.members ?? []), ...page.members] };
    if (shown.members.length >= asked.flags.limit) break;
  }
  if (shown === undefined) return;
  const { json } = asked.flags;
  const whole = shown;
  report(context, json, { json: whole, text: () => formatMembers(whole) });
}

/** Pages until the last one; none holds more than `wanted` in all. */
async function* pages({ kpi, flags, client }: Asked, wanted: number): AsyncGenerator<MembersPage> {
  const { window, by, filter, horizon, age, asOf, counted, account } = flags;
  const question = {
    window,
    by: by?.join(','),
    filter: filter?.join(','),
    horizon,
    age,
    as_of: asOf,
    counted,
    account,
  };
  const path = `/v1/kpis/${encodeURIComponent(kpi)}/members`;
  let missing = wanted;
  for (let after: string | undefined; ;) {
    const query = { ...question, after, limit: String(Math.min(missing, PAGE)) };
    const { answer } = await getJson(client, { path, query }, membersAnswer);
    missing -= answer.members.length;
    yield answer;
    if (answer.next === null || missing <= 0) return;
    after = answer.next;
  }
}

async function write(
  asked: Asked,
  format: keyof typeof MEMBER_FORMATS,
  context: CliContext,
): Promise<void> {
  const { out, err, signal } = context;
  const { head, lineOf } = MEMBER_FORMATS[format];
  const { out: path, json } = asked.flags;
  let members = 0;
  async function* chunks(): AsyncGenerator<Uint8Array> {
    if (head !== '') yield Buffer.from(head);
    for await (const page of pages(asked, Infinity)) {
      members += page.members.length;
      tell(err, members);
      if (page.members.length > 0) yield Buffer.from(page.members.map(lineOf).join(''));
    }
  }
  const bytes = await download(chunks(), { path, out, signal, onProgress: () => undefined });
  clear(err);
  if (path === undefined) return;
  const { kpi } = asked;
  if (json === true)
    report(context, true, { json: { kpi, file: path, members, bytes }, text: () => '' });
  else writeLine(err, `${path}: ${plural(members, 'member')}`);
}

const CLEAR_LINE = '\r\u001B[K';

/** How many there are in all nobody knows before. */
function tell(terminal: Terminal, members: number): void {
  if (terminal.isTty) terminal.write(`${CLEAR_LINE}${plural(members, 'member')}`);
}

function clear(terminal: Terminal): void {
  if (terminal.isTty) terminal.write(CLEAR_LINE);
}
