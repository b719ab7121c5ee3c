import { createHttpClient, getJson } from '../client/http.ts';
import { type Value, currentAnswer, historyAnswer } from '../client/kpi-answer.ts';
import type { CliContext } from '../context.ts';
import { formatDifference, formatInterval, formatValue } from '../format-value.ts';
import { type GlobalFlags, readCliConfig } from '../options.ts';
import { formatCount, formatTable, report } from '../output.ts';
import { type AddCommand, withExamples } from './command.ts';

interface QueryFlags {
  readonly window?: string;
  readonly by?: readonly string[];
  readonly filter?: readonly string[];
  readonly horizon?: string;
  readonly age?: string;
  readonly compare?: readonly string[];
  readonly groups?: string;
  readonly asOf?: string;
  readonly from?: string;
  readonly to?: string;
  readonly interval?: string;
  readonly definitionVersion?: string;
}

const EXAMPLES = [
  'kpi query course_completion_rate',
  'kpi query customer_churn_rate.net --by plan',
  'kpi query activation_rate --compare previous --compare year',
  'kpi query csat_score --filter plan:pro,context:ticket --window 7d',
  'kpi query course_completion_rate.to_date --by course --window 1200d --as-of 2016-01-01',
  'kpi query support_ticket_rate --by trained --from 2026-01-01 --to 2026-03-01 --interval 7d',
];

/** `kpi query`: one KPI, now, as of some moment, or over time. */
export const addQuery: AddCommand = (program, { context }) => {
  const command = program
    .command('query')
    .description('the value of a KPI, now or in the past')
    .argument('<kpi>', 'id of a KPI, with a variant after a dot; GET /v1/kpis lists them')
    .option('--window <duration>', 'length of the window, such as 24h or 28d')
    .option('--by <dimension>', 'split by a dimension; repeatable', gather)
    .option(
      '--groups <count>',
      'values of a dimension shown by themselves; all others are together',
    )
    .option('--filter <name:value>', 'count only these; repeatable', gather)
    .option('--horizon <duration>', 'time to convert, for cohort KPIs')
    .option('--age <months>', 'age of customers until which is told what they brought')
    .option(
      '--compare <baseline>',
      'with the window before (previous) or a year ago (year)',
      gather,
    )
    .option('--as-of <time>', 'as of one moment (RFC 3339, or a day)')
    .option('--from <time>', 'a series: its first moment')
    .option('--to <time>', 'a series: its last moment')
    .option('--interval <duration>', 'a series: the distance of its moments')
    .option(
      '--definition-version <number>',
      'by definitions of before, or applied but not in force',
    )
    .action((kpi: string) =>
      query(kpi, command.optsWithGlobals<QueryFlags & GlobalFlags>(), context),
    );
  withExamples(command, EXAMPLES);
};

function gather(text: string, earlier: readonly string[] = []): readonly string[] {
  return [...earlier, text];
}

async function query(
  kpi: string,
  flags: QueryFlags & GlobalFlags,
  context: CliContext,
): Promise<void> {
  const client = createHttpClient(readCliConfig(context.environment, flags));
  const path = `/v1/kpis/${encodeURIComponent(kpi)}`;
  const { window, by, filter, horizon, age, compare, groups, asOf, from, to, interval } = flags;
  const version = flags.definitionVersion;
  const axis = { as_of: asOf, from, to, interval, definition_version: version };
  const lists = { by: by?.join(','), filter: filter?.join(','), compare: compare?.join(',') };
  const asked = { window, ...lists, groups, horizon, age, ...axis };
  if (Object.values(axis).every((part) => part === undefined)) {
    const { answer, json } = await getJson(client, { path, query: asked }, currentAnswer);
    report(context, flags.json, {
      json,
      text: () => ('values' in answer ? formatGroups(answer) : formatOne(answer)),
    });
    return;
  }
  const { answer, json } = await getJson(
    client,
    { path: `${path}/history`, query: asked },
    historyAnswer,
  );
  const isSeries = asOf === undefined;
  report(context, flags.json, {
    json,
    text: () =>
      [formatValues(answer.points, { by: answer.by, isSeries }), ...notesOf(answer)].join('\n'),
  });
}

interface Groups {
  readonly by: readonly string[];
  readonly notes: readonly string[];
  readonly total: Value | null;
  readonly values: readonly Value[];
}

function notesOf({ notes }: Pick<Groups, 'notes'>): readonly string[] {
  return notes.map((note) => `note: ${note}`);
}

function formatGroups(groups: Groups): string {
  const { by, total, values } = groups;
  const table = [formatValues(values, { by, isSeries: false }), ...notesOf(groups)].join('\n');
  return total === null ? table : `${table}\n\nAll together: ${formatOne(total)}`;
}

function formatOne(value: Value): string {
  const interval = formatInterval(value);
  const level =
    value.ci === null ? '' : `  (${Math.round(value.ci.level * 100)} % interval ${interval})`;
  const excluded = Object.entries(value.excluded).filter(([, units]) => units > 0);
  return [
    `${formatValue(value)}${level}`,
    `  ${value.kpi_id} in [${value.window.from}, ${value.window.to}), as of ${value.as_of}, ${value.served_from}`,
    `  ${count(value.numerator)} of ${count(value.denominator)}, n = ${count(value.n)}, status ${value.status}`,
    ...(value.immature_n > 0 ? [`  ${formatCount(value.immature_n)} too young to count`] : []),
    ...excluded.map(([reason, units]) => `  ${formatCount(units)} excluded: ${reason}`),
    ...value.notes.filter((note) => note !== value.status).map((note) => `  note: ${note}`),
    ...(value.comparisons ?? []).map(
      (one) =>
        `  ${one.with}: ${formatValue(one.base)}, n = ${count(one.base.n)} at ${one.base.window.to}: ${formatDifference(one)}`,
    ),
  ].join('\n');
}

function formatValues(
  values: readonly Value[],
  shown: { readonly by: readonly string[]; readonly isSeries: boolean },
): string {
  if (values.length === 0) return 'Nothing counts here.';
  const times = shown.isSeries ? ['as of'] : [];
  const head = [
    ...times,
    ...shown.by,
    'value',
    'interval',
    'numerator',
    'denominator',
    'n',
    'status',
    ...(values[0]?.comparisons ?? []).map((one) => `vs ${one.with}`),
  ];
  const first = times.length + shown.by.length;
  return formatTable({
    head,
    right: [first, first + 1, first + 2, first + 3, first + 4],
    rows: values.map((value) => [
      ...(shown.isSeries ? [value.as_of] : []),
      ...shown.by.map((name) => value.segment[name] ?? ''),
      formatValue(value),
      formatInterval(value),
      count(value.numerator),
      count(value.denominator),
      count(value.n),
      value.status,
      ...(value.comparisons ?? []).map(formatDifference),
    ]),
  });
}

/** A count may be withheld to protect persons. */
function count(number: number | null): string {
  return number === null ? '–' : formatCount(number);
}
