import type { Comparison, PlainValue, Value } from './client/kpi-answer.ts';

/** `71.40 %`, `7.692 per 100 account-days`; `–` where there is no value. */
export function formatValue({ value, unit, currency }: PlainValue): string {
  return value === null ? '–' : `${formatNumber(value, unit)}${suffix(unit, currency)}`;
}

/** `70.60 – 72.19`, in the unit of the value; empty where there is no interval. */
export function formatInterval({ ci, unit }: Value): string {
  if (ci === null) return '';
  const high = ci.high === null ? '∞' : formatNumber(ci.high, unit);
  return `${formatNumber(ci.low, unit)} – ${high}`;
}

/** `▲ +0.50 points, +12.5 %`: an arrow where the data carries one, percent where the base is above 0; `–` without a difference. */
export function formatDifference(comparison: Comparison): string {
  const { difference, difference_unit: unit, relative_percent: percent, direction } = comparison;
  if (difference === null) return '–';
  const { currency } = comparison.base;
  const words = unit === 'percentage_points' ? ' points' : suffix(unit, currency);
  const size = `${signed(difference, DECIMALS[unit] ?? 2)}${words}`;
  const arrow = ARROWS[direction ?? ''] ?? '';
  return `${arrow}${size}${percent === null ? '' : `, ${signed(percent, 1)} %`}`;
}

const ARROWS: Readonly<Record<string, string>> = { up: '▲ ', down: '▼ ', same: '= ' };

function signed(value: number, digits: number): string {
  return new Intl.NumberFormat('en-US', {
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
    signDisplay: 'exceptZero',
  }).format(value);
}

const DECIMALS: Readonly<Record<string, number>> = {
  ratio: 2,
  points: 1,
  money: 2,
  days: 2,
  per_100_account_days: 3,
  scale_points: 3,
};

function formatNumber(value: number, unit: string): string {
  const shown = unit === 'ratio' ? value * 100 : value;
  const digits = DECIMALS[unit] ?? 3;
  return new Intl.NumberFormat('en-US', {
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  }).format(shown);
}

function suffix(unit: string, currency: string | null): string {
  switch (unit) {
    case 'ratio':
      return ' %';
    case 'points':
      return ' points';
    case 'money':
      return currency === null ? '' : ` ${currency}`;
    case 'days':
      return ' d';
    case 'per_100_account_days':
      return ' per 100 account-days';
    default:
      return '';
  }
}
