import type { Value } from '../client/kpi-answer.ts';
import { formatAge } from '../format-age.ts';
import { formatInterval, formatValue } from '../format-value.ts';
import { formatTable } from '../output.ts';
import type { ValueRow } from './value-rows.ts';

/**
 * The rows as a table, what matters most on the left, because a narrow terminal cuts the right; ages are about `now`. What is the
 * same in all rows has no column.
 */
export function formatRows(rows: readonly ValueRow[], now: number): string {
  const columns = COLUMNS.filter(({ isShown }) => isShown === undefined || isShown(rows));
  return formatTable({
    head: columns.map(({ head }) => head),
    right: [...columns.keys()].filter((index) => columns[index]?.isNumber === true),
    rows: rows.map((row) => columns.map(({ textOf }) => textOf(row, now))),
  });
}

interface Column {
  readonly head: string;
  readonly isNumber?: boolean;
  readonly isShown?: (rows: readonly ValueRow[]) => boolean;
  readonly textOf: (row: ValueRow, now: number) => string;
}

const COLUMNS: readonly Column[] = [
  { head: 'KPI', textOf: ({ value }) => value.kpi_id },
  { head: 'window', isShown: hasSeveralWindows, textOf: ({ window }) => window },
  {
    head: 'group',
    isShown: (rows) => rows.some(({ group }) => group !== ''),
    textOf: ({ value }) => Object.values(value.segment).join(', ') || 'all',
  },
  { head: 'value', isNumber: true, textOf: ({ value }) => shortened(formatValue(value)) },
  { head: 'change', isNumber: true, textOf: formatChange },
  { head: 'status', textOf: ({ value }) => value.status },
  { head: 'n', isNumber: true, textOf: ({ value }) => (value.n === null ? '–' : String(value.n)) },
  { head: '95 % interval', isNumber: true, textOf: ({ value }) => formatInterval(value) },
  { head: 'last event', isNumber: true, textOf: ({ value }, now) => freshnessOf(value, now) },
];

function hasSeveralWindows(rows: readonly ValueRow[]): boolean {
  return new Set(rows.map(({ window }) => window)).size > 1;
}

/** A long unit would push everything after it off the screen. */
function shortened(text: string): string {
  return text.replace(' per 100 account-days', ' /100 d');
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
