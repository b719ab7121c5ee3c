import { formatDuration } from '@kpi/core';
import type {
  Difference,
  Disagreement,
  LogReport,
  PartitionCheck,
  VerifyReport,
} from '@kpi/verify';

import { formatCount, formatTable, plural } from '../output.ts';

/** Differences shown to people; `--json` has them all. */
const SHOWN_MAX = 20;

export function formatHistoryReport(found: VerifyReport): string {
  const events = found.partitions.reduce((sum, one) => sum + one.rows, 0);
  const distinct = found.partitions.reduce((sum, one) => sum + one.distinctEvents, 0);
  const facts = `${plural(found.questions, 'question')}, ${plural(found.values, 'value')}, ${plural(events, 'record')} (${formatCount(distinct)} distinct events), ${seconds(found.tookMs)}`;
  const wrong = found.partitions.filter((one) => !one.isEqual);
  if (found.isClean) return `Clean: live equals history. ${facts}.`;
  return [
    `DIFFERENT: ${facts}.`,
    formatDisagreements(found.disagreements, 'history'),
    formatPartitions(wrong),
  ]
    .filter(Boolean)
    .join('\n\n');
}

export function formatLogReport(found: LogReport): string {
  const facts = `${plural(found.questions, 'question')}, ${plural(found.events, 'event')}, ${formatCount(found.refused)} refused`;
  if (found.isClean) return `Clean: live equals a recount of the log. ${facts}.`;
  return [`DIFFERENT: ${facts}.`, formatDisagreements(found.disagreements, 'log')].join('\n\n');
}

function formatDisagreements(
  disagreements: readonly Pick<Disagreement, 'query' | 'differences'>[],
  other: string,
): string {
  const rows = disagreements.flatMap(({ query, differences }) =>
    differences.map((difference) => rowOf(query, difference)),
  );
  if (rows.length === 0) return '';
  const table = formatTable({
    head: ['tenant', 'KPI', 'window', 'group', 'component', 'live', other, 'by'],
    right: [5, 6, 7],
    rows: rows.slice(0, SHOWN_MAX),
  });
  return rows.length > SHOWN_MAX
    ? `${table}\n… and ${formatCount(rows.length - SHOWN_MAX)} more; --json has them all`
    : table;
}

function rowOf(
  query: Disagreement['query'],
  { group, component, live, history }: Difference,
): readonly string[] {
  const { tenantId, kpiId, windowMs, by } = query;
  const where = by.map((name, index) => `${name}=${group[index] ?? ''}`).join(' ');
  return [
    tenantId,
    kpiId,
    formatDuration(windowMs),
    where,
    component,
    String(live),
    String(history),
    String(live - history),
  ];
}

function formatPartitions(partitions: readonly PartitionCheck[]): string {
  if (partitions.length === 0) return '';
  return formatTable({
    head: ['topic', 'partition', 'offset', 'live events', 'rows in history'],
    right: [1, 2, 3, 4],
    rows: partitions.map(({ topic, partition, offset, liveEvents, rows }) => [
      topic,
      String(partition),
      formatCount(offset),
      formatCount(liveEvents),
      formatCount(rows),
    ]),
  });
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}
