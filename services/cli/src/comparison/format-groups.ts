import type { ComparedGroups } from '../client/compare-answer.ts';
import { formatInterval, formatValue } from '../format-value.ts';
import { formatCount, formatTable } from '../output.ts';
import { wrap } from './wrap.ts';

type Interval = ComparedGroups['difference']['ci'];

/** Two groups of a KPI for a terminal: what it says first, then the values and the difference. */
export function formatGroups({ by, groups, difference: found, summary }: ComparedGroups): string {
  const { difference, unit, ci, ratio, p_value: p, notes } = found;
  const lines = [
    ...(difference === null
      ? []
      : [`Difference: ${signed(difference)} ${unit.replaceAll('_', ' ')}${intervalOf(ci)}`]),
    ...(ratio === null ? [] : [`Ratio: ${ratio.value.toFixed(4)}${intervalOf(ratio.ci)}`]),
    ...(p === null ? [] : [`p = ${p < 0.001 ? '<0.001' : p.toFixed(3)}`]),
    ...notes.map((note) => `note: ${note}`),
  ];
  return [
    wrap(summary),
    '',
    formatTable({
      head: [by, 'value', 'interval', 'n', 'status'],
      right: [1, 2, 3],
      rows: groups.map(({ group, value }) => [
        group,
        formatValue(value),
        formatInterval(value),
        value.n === null ? '–' : formatCount(value.n),
        value.status,
      ]),
    }),
    '',
    ...lines,
  ].join('\n');
}

function signed(value: number): string {
  return `${value > 0 ? '+' : ''}${value.toPrecision(4)}`;
}

function intervalOf(ci: Interval): string {
  if (ci === null) return '';
  const high = ci.high === null ? '∞' : ci.high.toPrecision(4);
  return `, interval ${ci.low.toPrecision(4)} – ${high} (${ci.method.replaceAll('_', ' ')})`;
}
