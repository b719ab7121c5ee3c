import { formatCount, formatTable, plural } from '../output.ts';
import type { Refusal } from './batches.ts';
import type { ImportResult } from './run-import.ts';
import type { Rehearsal } from './rehearse.ts';
import type { Counts, Tally } from './tally.ts';

/** The end of an import, for people. */
export function formatImport(result: ImportResult): string {
  const { tally, rejects, rowsResumed, tookMs } = result;
  const seconds = Math.max(tookMs, 1) / 1_000;
  const rate = formatCount(Math.round((tally.rows - rowsResumed) / seconds));
  return [
    ...(rowsResumed === 0
      ? []
      : [`Continued after ${plural(rowsResumed, 'row')} of an earlier run.`]),
    formatTable({
      head: ['', 'count'],
      right: [1],
      rows: [
        ...rowCounts(tally),
        ['events sent', formatCount(tally.events)],
        ['events accepted', formatCount(tally.acceptedEvents)],
        ['events refused', formatCount(tally.refusedEvents)],
      ],
    }),
    ...explain(tally, rejects.first),
    `Took ${seconds.toFixed(1)} s, ${rate} rows/s. Accepted includes events that were there before: ids decide, so a repeat changes nothing.`,
  ].join('\n');
}

/** What an import would do, for people. */
export function formatRehearsal(
  { tally, examples }: Rehearsal,
  refusals: readonly Refusal[],
): string {
  const types = Object.entries(tally.eventsByType).toSorted(([a], [b]) => a.localeCompare(b));
  return [
    formatTable({
      head: ['event type', 'events'],
      right: [1],
      rows: types.map(([type, count]) => [type, formatCount(count)]),
    }),
    '',
    formatTable({
      head: ['', 'count'],
      right: [1],
      rows: [
        ...rowCounts(tally),
        ['events', formatCount(tally.events)],
        ['events that ingest would refuse', formatCount(tally.refusedEvents)],
      ],
    }),
    ...explain(tally, refusals),
    '',
    'The first event of each type:',
    ...examples.map((event) => JSON.stringify(event)),
    '',
    'Nothing was sent.',
  ].join('\n');
}

/** The end of an import, for programs. */
export function importJson({ tally, rejects, rowsResumed, tookMs }: ImportResult) {
  return {
    ...tallyJson(tally),
    rows_resumed: rowsResumed,
    took_ms: tookMs,
    rejects: rejects.first,
  };
}

/** What an import would do, for programs. */
export function rehearsalJson({ tally, examples }: Rehearsal, refusals: readonly Refusal[]) {
  return { ...tallyJson(tally), dry_run: true, examples, rejects: refusals };
}

/** Whether every row and event got in, or was left out because the mapping says so. */
export function isClean(tally: Tally): boolean {
  return tally.refusedRows === 0 && tally.refusedEvents === 0;
}

function tallyJson(tally: Tally) {
  return {
    rows: tally.rows,
    rows_skipped: tally.skippedRows,
    rows_refused: tally.refusedRows,
    rows_without_event: tally.idleRows,
    events: tally.events,
    events_accepted: tally.acceptedEvents,
    events_refused: tally.refusedEvents,
    events_by_type: tally.eventsByType,
    skip_reasons: tally.skipReasons,
    refusal_reasons: tally.refusalReasons,
  };
}

function rowCounts(tally: Tally): readonly (readonly string[])[] {
  return [
    ['rows read', formatCount(tally.rows)],
    ['rows left out by the mapping', formatCount(tally.skippedRows)],
    ['rows without an event', formatCount(tally.idleRows)],
    ['rows refused', formatCount(tally.refusedRows)],
  ];
}

function explain(tally: Tally, refusals: readonly Refusal[]): readonly string[] {
  const refused = tally.refusedRows + tally.refusedEvents;
  return [
    ...formatReasons('Left out', tally.skipReasons),
    ...formatReasons('Refused', tally.refusalReasons),
    ...refusals.map(({ file, line, code, reason }) => {
      const coded = code === undefined ? reason : `[${code}] ${reason}`;
      return `  ${file} line ${line}: ${coded}`;
    }),
    ...(refused > refusals.length
      ? [`  and ${formatCount(refused - refusals.length)} more; --rejects FILE writes all of them`]
      : []),
  ];
}

function formatReasons(title: string, reasons: Counts): readonly string[] {
  const sorted = Object.entries(reasons).toSorted(([, a], [, b]) => b - a);
  if (sorted.length === 0) return [];
  return [
    '',
    `${title}:`,
    ...sorted.map(([reason, count]) => `  ${formatCount(count)} × ${reason}`),
  ];
}
