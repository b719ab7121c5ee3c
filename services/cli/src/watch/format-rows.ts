import type { Value } from '../client/kpi-answer.ts';
import { formatAge } from '../format-age.ts';
import { formatInterval, formatValue } from '../format-value.ts';
import { formatTable } from '../output.ts';
import type { ValueRow } from './value-rows.ts';

/** The rows as a table; ages are about `now`. */
export function formatRows(rows: readonly ValueRow[], now: number): string {
  const isGrouped = rows.some(({ group }) => group !== '');
  const groups = isGrouped ? ['group'] : [];
  const first = 2 + groups.length;
  return formatTable({
    head: [
      'KPI',
      'window',
      ...groups,
      'value',
      'change',
      '95 % interval',
      'n',
      'status',
      'last event',
    ],
    right: [first, first + 1, first + 2, first + 3, first + 5],
    rows: rows.map((row) => [
      row.value.kpi_id,
      row.window,
      ...(isGrouped ? [row.group === '' ? 'all' : row.group] : []),
      formatValue(row.value),
      formatChange(row),
      formatInterval(row.value),
      row.value.n === null ? '–' : String(row.value.n),
      row.value.status,
      freshnessOf(row.value, now),
    ]),
  });
}

/** One line for a pipe: everything a table has, in the same words. */
export function formatLine(row: ValueRow, now: number): string {
  const { value } = row;
  const interval = formatInterval(value);
  return [
    value.as_of,
    value.kpi_id,
    row.window,
    ...(row.group === '' ? [] : [row.group]),
    formatValue(value),
    ...(formatChange(row) === '' ? [] : [`(${formatChange(row)})`]),
    ...(interval === '' ? [] : [`[${interval}]`]),
    value.status,
    `last event ${freshnessOf(value, now)}`,
  ].join('  ');
}

/** `+0.12`, in the unit of the value; empty until a value has changed. */
function formatChange({ value, before }: ValueRow): string {
  if (before === undefined || before === null || value.value === null) return '';
  const change = value.value - before;
  const shown = formatValue({
    ...value,
    value: Math.abs(change),
    unit: plainUnit(value.unit),
    currency: null,
  });
  if (!/[1-9]/.test(shown)) return '';
  return `${change > 0 ? '+' : '−'}${shown.replace(/ %$/, ' pp')}`;
}

/** A change needs no long unit beside the value that has it. */
function plainUnit(unit: string): string {
  return unit === 'per_100_account_days' ? 'scale_points' : unit;
}

/** Age of the latest event that the value can know. */
function freshnessOf({ sources }: Value, now: number): string {
  const latest = Math.max(...Object.values(sources).map((at) => Date.parse(at)));
  return Number.isFinite(latest) ? `${formatAge(now - latest)} ago` : '–';
}
