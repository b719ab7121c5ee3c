import { pause } from '@kpi/runtime';

import { createHttpClient } from '../client/http.ts';
import type { CliContext } from '../context.ts';
import { formatAge } from '../format-age.ts';
import { type GlobalFlags, readCliConfig } from '../options.ts';
import { writeLine } from '../output.ts';
import { type Happening, type StreamStatus, followValues } from '../watch/follow-values.ts';
import { formatLine, formatRows } from '../watch/format-rows.ts';
import { Screen } from '../watch/screen.ts';
import { ValueRows } from '../watch/value-rows.ts';
import { type AddCommand, withExamples } from './command.ts';

interface WatchFlags extends GlobalFlags {
  readonly kpi?: readonly string[];
  readonly window: string;
  readonly by?: string;
}

const EXAMPLES = [
  'kpi watch',
  'kpi watch --kpi csat_score --by plan',
  'kpi watch --window 24h',
  'kpi watch --json | jq -r "[.kpi_id, .value] | @tsv"',
];

/** `kpi watch`: the values as they change. */
export const addWatch: AddCommand = (program, { context }) => {
  const command = program
    .command('watch')
    .description('the values as they change, until Ctrl-C')
    .option('--kpi <id>', 'only this KPI and its variants; repeatable', gather)
    .option('--window <duration>', 'windows such as 24h,28d, or all', '28d')
    .option('--by <dimension>', 'also the groups of a dimension')
    .addHelpText(
      'after',
      `
On a terminal the view is drawn anew in place; in a pipe each value that changes is a line, with --json its whole envelope.
A connection that is lost is taken up again where it ended. Ctrl-C ends it with exit code 0.`,
    )
    .action(() => watch(command.optsWithGlobals<WatchFlags>(), context));
  withExamples(command, EXAMPLES);
};

function gather(text: string, earlier: readonly string[] = []): readonly string[] {
  return [...earlier, text];
}

async function watch(flags: WatchFlags, context: CliContext): Promise<void> {
  const client = createHttpClient(readCliConfig(context.environment, flags));
  const query = {
    kpi: flags.kpi?.join(','),
    window: flags.window === 'all' ? undefined : flags.window,
    by: flags.by ?? '',
  };
  const happenings = followValues({ client, query, signal: context.signal });
  if (flags.json !== true && context.out.isTty) return show(happenings, client.url, context);
  return tell(happenings, flags.json === true, context);
}

/** A line for each value that is news. */
async function tell(
  happenings: AsyncIterable<Happening>,
  isJson: boolean,
  { out, err, clock }: CliContext,
): Promise<void> {
  const rows = new ValueRows();
  for await (const happening of happenings) {
    if (happening.kind === 'lost')
      writeLine(err, `kpi: ${happening.reason}; the stream is taken up again`);
    if (happening.kind !== 'value') continue;
    const { row, isNews } = rows.take(happening.value);
    if (isNews) writeLine(out, isJson ? happening.json : formatLine(row, clock()));
  }
}

/** More often nobody can read, and less often would not look alive. */
const DRAW_MS = 250;

/** What the view knows besides its rows. */
interface Situation {
  status: StreamStatus | undefined;
  lost: string | undefined;
}

async function show(
  happenings: AsyncIterable<Happening>,
  url: string,
  context: CliContext,
): Promise<void> {
  const rows = new ValueRows();
  const situation: Situation = { status: undefined, lost: undefined };
  const ended = new AbortController();
  let screen: Screen | undefined;
  const drawing = (async (): Promise<void> => {
    while (!ended.signal.aborted) {
      screen?.draw(viewOf(rows, { url, situation, now: context.clock() }));
      await pause(DRAW_MS, ended.signal);
    }
  })();
  try {
    for await (const happening of happenings) {
      // Not before the first answer: what is refused at once is an error and no view.
      screen ??= new Screen(context.out);
      note(happening, rows, situation);
    }
  } finally {
    ended.abort();
    await drawing;
    screen?.draw(viewOf(rows, { url, situation, now: context.clock() }));
    screen?.close();
  }
}

function note(happening: Happening, rows: ValueRows, situation: Situation): void {
  switch (happening.kind) {
    case 'connected':
      situation.lost = undefined;
      break;
    case 'lost':
      situation.lost = happening.reason;
      break;
    case 'reset':
      rows.reset();
      break;
    case 'status':
      rows.settle();
      situation.status = happening.status;
      break;
    default:
      rows.take(happening.value);
  }
}

function viewOf(
  rows: ValueRows,
  {
    url,
    situation,
    now,
  }: { readonly url: string; readonly situation: Situation; readonly now: number },
): string {
  const list = rows.list();
  const table = list.length === 0 ? 'No value has been published yet.' : formatRows(list, now);
  const windows = [...new Set(list.map(({ window }) => window))].join(', ');
  return [headOf(url, situation, now), windows && `Window ${windows}`, '', table].join('\n');
}

function headOf(url: string, { status, lost }: Situation, now: number): string {
  if (lost !== undefined) return `KPI Stream at ${url} · reconnecting: ${lost}`;
  if (status === undefined) return `KPI Stream at ${url} · connecting`;
  const { events_per_second: rate, fresh_at: freshAt } = status;
  const pace = rate === undefined ? '' : ` · ${rate.toFixed(1)} events/s`;
  return `KPI Stream at ${url}${pace} · live ${formatAge(now - Date.parse(freshAt))} ago · Ctrl-C ends`;
}
