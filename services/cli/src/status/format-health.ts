import type { Health } from '../client/health-answer.ts';
import { formatAge } from '../format-age.ts';
import { formatCount, formatTable, plural } from '../output.ts';

/** Everything for people: what is wrong first, then the numbers. Ages are about the server's `at`. */
export function formatHealth(health: Health, url: string): string {
  return [
    formatHead(health, url),
    formatFacts(health),
    formatProcesses(health),
    formatEngines(health),
    formatSources(health),
    formatLag(health),
  ].join('\n\n');
}

function formatHead({ status, problems }: Health, url: string): string {
  const said = status === 'ok' ? 'all is well' : plural(problems.length, 'problem');
  return [`KPI Stream at ${url}: ${said}`, ...problems.map((one) => `  ! ${one}`)].join('\n');
}

const LABEL_WIDTH = 14;

function formatFacts(health: Health): string {
  const { events, live } = health;
  const published = live.published_at === null ? 'never' : `${age(health, live.published_at)} ago`;
  const facts = [
    [
      'events',
      `${formatCount(events.counted)} counted, ${events.per_second.toFixed(1)} per second`,
    ],
    ['live', `as of ${age(health, live.fresh_at)} ago, values last published ${published}`],
    ['lag', formatBehind(health)],
    ['verified', formatVerify(health)],
    ['dead letters', formatLetters(health)],
    ...health.dead_letters.by_reason.map((one) => ['', formatReason(one)]),
    ...lastLetter(health),
  ];
  return facts.map(([name = '', text = '']) => `${name.padEnd(LABEL_WIDTH)}${text}`).join('\n');
}

function formatBehind({ lag }: Health): string {
  return lag === null
    ? 'unknown: the log or the live store does not answer'
    : `${plural(lag.aggregate, 'event')} not yet live, ${formatCount(lag.archive)} not yet in history`;
}

function formatVerify(health: Health): string {
  const { verify } = health;
  if (verify === null) return 'never; kpi verify does';
  const { against, clean, questions, disagreements, unequal_partitions: unequal } = verify;
  const found = clean
    ? 'clean'
    : `DIFFERS in ${plural(disagreements, 'question')} and ${plural(unequal, 'partition')}`;
  const took = `${plural(questions, 'question')} in ${(verify.took_ms / 1_000).toFixed(1)} s`;
  return `${age(health, verify.at)} ago against ${against === 'log' ? 'the log' : against}: ${found}, ${took}`;
}

function formatLetters({ dead_letters: letters }: Health): string {
  if (letters.kept === null) return 'unknown';
  if (letters.kept === 0) return 'none';
  const kept = `${formatCount(letters.kept)} kept`;
  return letters.by_reason.length === 0 ? kept : `${kept}; the newest of this tenant by reason:`;
}

function formatReason({
  reason,
  count,
  sources,
}: Health['dead_letters']['by_reason'][number]): string {
  const from = sources.length === 0 ? '' : ` from ${sources.join(', ')}`;
  return `${formatCount(count)} ${reason}${from}`;
}

function lastLetter(health: Health): readonly (readonly string[])[] {
  const [last] = health.dead_letters.latest;
  if (last === undefined) return [];
  const where = last.path === null ? '' : ` at ${last.path}`;
  return [
    ['', `the last ${age(health, last.refused_at)} ago: ${last.reason}${where} (${last.origin})`],
  ];
}

function formatProcesses(health: Health): string {
  if (health.processes.length === 0) return 'No process has announced itself.';
  return formatTable({
    head: ['service', 'state', 'up for', 'version', 'process', 'reason'],
    rows: health.processes.map(({ service, ready, started_at: at, version, instance, reason }) => [
      service,
      ready ? 'ready' : 'NOT READY',
      age(health, at),
      version,
      instance,
      reason ?? '',
    ]),
  });
}

function formatEngines({ engines }: Health): string {
  return formatTable({
    head: ['engine', 'state', 'answers in'],
    right: [2],
    rows: engines.map(({ name, state, answer_ms: ms }) => [
      name,
      state === 'up' ? state : state.toUpperCase(),
      ms === null ? '–' : `${ms} ms`,
    ]),
  });
}

function formatSources(health: Health): string {
  if (health.sources.length === 0) return 'No source of this tenant has sent anything.';
  return formatTable({
    head: ['source', 'last event (UTC)', 'age'],
    right: [2],
    rows: health.sources.map(({ source, last_event_at: at }) => [
      source,
      at.slice(0, 'YYYY-MM-DDThh:mm:ss'.length).replace('T', ' '),
      age(health, at),
    ]),
  });
}

function formatLag({ lag }: Health): string {
  if (lag === null) return 'How far the consumers are is unknown.';
  const topics = formatTable({
    head: ['topic', 'in the log', 'not yet live', 'not yet in history'],
    right: [1, 2, 3],
    rows: lag.topics.map(({ topic, kept, aggregate, archive }) => [
      topic,
      formatCount(kept),
      formatCount(aggregate),
      formatCount(archive),
    ]),
  });
  return `${topics}\n\n${formatPartitions(lag.partitions)}`;
}

type Partitions = NonNullable<Health['lag']>['partitions'];

/** Most installations have dozens, and none is worth a line while all is well. */
function formatPartitions(partitions: Partitions): string {
  const behind = partitions.filter(
    ({ aggregate, archive, retention_used: used }) => aggregate > 0 || archive > 0 || used > 0,
  );
  if (behind.length === 0) return `${plural(partitions.length, 'partition')}, none is behind.`;
  return formatTable({
    head: ['partition', 'in the log', 'not yet live', 'not yet in history', 'retention used'],
    right: [0, 1, 2, 3, 4],
    rows: behind.map(({ partition, kept, aggregate, archive, retention_used: used }) => [
      String(partition),
      formatCount(kept),
      formatCount(aggregate),
      formatCount(archive),
      used === 0 ? '–' : `${Math.round(100 * used)} %`,
    ]),
  });
}

function age({ at }: Health, then: string): string {
  return formatAge(Date.parse(at) - Date.parse(then));
}
