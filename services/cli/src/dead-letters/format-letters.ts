import { formatCount, formatTable, plural } from '../output.ts';
import type { LetterPage, ReplayResult, WholeLetter } from './letter-client.ts';

type Summary = LetterPage['letters'][number];

export function formatPage({
  letters,
  total,
  by_reason: reasons,
  next,
  unheld,
}: LetterPage): string {
  if (total === 0) return 'No dead letters.';
  const table = formatTable({
    head: ['id', 'refused', 'reason', 'path', 'source', 'type', 'from', 'attempts'],
    right: [7],
    rows: letters.map((letter) => [
      letter.id,
      letter.refused_at,
      letter.reason,
      letter.path ?? '',
      letter.source ?? '',
      letter.event_type ?? '',
      formatOrigin(letter.origin),
      String(letter.attempts),
    ]),
  });
  const counts = Object.entries(reasons).map(
    ([reason, count]) => `${formatCount(count)} ${reason}`,
  );
  return [
    table,
    '',
    `${plural(total, 'letter')}: ${counts.join(', ')}.`,
    ...(next === null ? [] : [`More with --cursor ${next}`]),
    ...(unheld === 0
      ? []
      : [`${plural(unheld, 'letter')} more did not fit; they show once these are fewer.`]),
  ].join('\n');
}

export function formatLetter(letter: WholeLetter): string {
  const { last_attempt_at: lastAt, attempts } = letter;
  const again =
    attempts === 0 ? '' : `, and again at ${plural(attempts, 'replay')}, last ${lastAt ?? ''}`;
  const lines: readonly (readonly [string, string | null])[] = [
    ['id', letter.id],
    ['refused', `${letter.refused_at}${again}`],
    ['reason', `${letter.reason}: ${letter.message}`],
    ['path', letter.path],
    ['from', formatOrigin(letter.origin)],
    ['tenant', letter.tenant_id],
    ['source', letter.source],
    ['type', letter.event_type],
    ['event id', letter.event_id],
    ['content', letter.content_type],
    ['hint', letter.hint],
  ];
  const head = lines.flatMap(([name, value]) =>
    value === null || value === '' ? [] : [`${name.padEnd(10)}${value}`],
  );
  return [...head, '', letter.text ?? `base64 ${letter.body}`].join('\n');
}

function formatOrigin(origin: Summary['origin']): string {
  return origin.kind === 'topic'
    ? `${origin.topic} ${origin.partition}:${origin.offset}`
    : origin.kind;
}

export function replayJson(results: readonly ReplayResult[]) {
  const replayed = results.filter((one) => one.outcome === 'replayed');
  return {
    replayed: replayed.length,
    events: replayed.reduce((sum, { events }) => sum + events, 0),
    refused: results.filter((one) => one.outcome === 'refused'),
    missing: results.filter((one) => one.outcome === 'missing').map(({ id }) => id),
  };
}

export function formatReplay(results: readonly ReplayResult[]): string {
  const { replayed, events, refused, missing } = replayJson(results);
  return [
    `${plural(replayed, 'letter')} replayed, ${plural(events, 'event')}.`,
    ...refused.map(
      ({ id, code, message, path, attempts }) =>
        `REFUSED AGAIN ${id}: ${code} ${path ?? ''} ${message} (${plural(attempts, 'attempt')}; the letter is kept)`,
    ),
    ...missing.map((id) => `MISSING ${id}: replayed or dropped before, or never there`),
  ].join('\n');
}

export function formatDrop(answer: {
  readonly dropped: readonly string[];
  readonly missing: readonly string[];
}): string {
  return [
    `${plural(answer.dropped.length, 'letter')} dropped.`,
    ...answer.missing.map((id) => `MISSING ${id}: replayed or dropped before, or never there`),
  ].join('\n');
}
