import { type HttpClient, createHttpClient, getJson, readAnswer } from '../client/http.ts';
import {
  type Value,
  catalogueAnswer,
  currentAnswer,
  readinessAnswer,
} from '../client/kpi-answer.ts';
import type { CliContext } from '../context.ts';
import { accessEngines } from '../engines.ts';
import { EXIT } from '../exit-code.ts';
import { type GlobalFlags, readCliConfig } from '../options.ts';
import { formatCount, formatTable, report } from '../output.ts';
import type { EngineStatus } from '../status/read-status.ts';
import { type AddCommand, type CommandSetting, withExamples } from './command.ts';

/** `kpi status`: is it running, is it fresh, is anything behind. */
export const addStatus: AddCommand = (program, setting) => {
  const command = program
    .command('status')
    .description('readiness of the services, freshness of the sources, lag of the stores')
    .addHelpText('after', '\nEnds with 3 when a service makes no progress.')
    .action(() => showStatus(command.optsWithGlobals<GlobalFlags>(), setting));
  withExamples(command, [
    'kpi status',
    'kpi status --json',
    'kpi status --url https://kpi.example.com',
  ]);
};

async function showStatus(flags: GlobalFlags, setting: CommandSetting): Promise<void> {
  const { context } = setting;
  const client = createHttpClient(readCliConfig(context.environment, flags));
  const readiness = readAnswer(
    await client.send({ method: 'GET', path: '/readyz' }),
    readinessAnswer,
  );
  const sources = await readSources(client);
  const engines = await readEngines(context);
  if (readiness.status !== 'ready') setting.setExitCode(EXIT.differences);
  const now = context.clock();
  report(context, flags.json, {
    json: { ...readiness, sources, engines },
    text: () =>
      [
        formatTable({
          head: ['service', 'state', 'reason'],
          rows: readiness.services.map(({ name, ready, reason = '' }) => [
            name,
            ready ? 'ready' : 'not ready',
            reason,
          ]),
        }),
        formatSources(sources, now),
        typeof engines === 'string' ? `Lag unknown: ${engines}` : formatEngines(engines),
      ].join('\n\n'),
  });
}

type LastEvents = Readonly<Record<string, string>>;

/** The last event of each source, over all KPIs. */
async function readSources(client: HttpClient): Promise<LastEvents> {
  const { answer: catalogue } = await getJson(client, { path: '/v1/kpis' }, catalogueAnswer);
  const answers = await Promise.all(
    catalogue.kpis.map(({ id }) =>
      getJson(client, { path: `/v1/kpis/${encodeURIComponent(id)}` }, currentAnswer),
    ),
  );
  const found = answers.flatMap(({ answer }): readonly Value[] =>
    'values' in answer ? [] : [answer],
  );
  const latest = new Map<string, string>();
  for (const [source, at] of found.flatMap(({ sources }) => Object.entries(sources))) {
    const known = latest.get(source);
    if (known === undefined || Date.parse(at) > Date.parse(known)) latest.set(source, at);
  }
  return Object.fromEntries([...latest].toSorted(([a], [b]) => a.localeCompare(b)));
}

/** Whoever only reaches the API still sees the rest; then this is the reason. */
async function readEngines(context: CliContext): Promise<EngineStatus | string> {
  const { readEngineStatus, unreachableReason } = await import('../status/read-status.ts');
  try {
    return await readEngineStatus(accessEngines(context), context.clock);
  } catch (error) {
    const reason = unreachableReason(error);
    if (reason === undefined) throw error;
    return reason;
  }
}

function formatSources(sources: LastEvents, now: number): string {
  const rows = Object.entries(sources);
  if (rows.length === 0) return 'No source has sent anything that a KPI counts.';
  return formatTable({
    head: ['source', 'last event', 'age'],
    right: [2],
    rows: rows.map(([source, at]) => [source, at, formatAge(now - Date.parse(at))]),
  });
}

function formatEngines({ lag, deadLetters }: EngineStatus): string {
  const table = formatTable({
    head: ['partition', 'not yet live', 'not yet in history'],
    right: [0, 1, 2],
    rows: lag.map(({ partition, live, history }) => [
      String(partition),
      formatCount(live),
      formatCount(history),
    ]),
  });
  return `${table}\n\nDead letters: ${formatCount(deadLetters)}`;
}

const UNITS = [
  ['d', 86_400],
  ['h', 3_600],
  ['min', 60],
  ['s', 1],
] as const;

/** `3 min`; the largest unit that fits. */
function formatAge(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1_000));
  const [unit, length] = UNITS.find(([, each]) => seconds >= each) ?? ['s', 1];
  return `${Math.floor(seconds / length)} ${unit}`;
}
