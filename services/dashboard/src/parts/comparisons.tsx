import type { ComparedValue, Comparison } from '../data/answers.ts';
import { HISTORY_DEADLINE_MS } from '../data/client.ts';
import { differenceText } from '../data/compare.ts';
import { dayText, intervalText, number, valueText } from '../data/format.ts';
import { useAnswer } from '../data/use-answer.ts';

/** What is past changes only when late events revise it. */
const COMPARED_MS = 120_000;
const NAMES: Readonly<Record<Comparison['with'], string>> = {
  previous: 'The window before',
  year: 'A year ago',
};

/** The value of a KPI beside that of the window before and of a year ago. */
export function Comparisons({ id, window }: { readonly id: string; readonly window: string }) {
  const query = new URLSearchParams({ window, compare: 'previous,year' });
  const { answer, refusal } = useAnswer<ComparedValue>(`/v1/kpis/${id}?${query}`, {
    everyMs: COMPARED_MS,
    deadlineMs: HISTORY_DEADLINE_MS,
  });
  if (answer === undefined) return <p>{refusal?.message ?? 'Reading what came before'}</p>;
  return (
    <table data-compared>
      <caption>Compared with</caption>
      <thead>
        <tr>
          <th scope="col">Window</th>
          <th scope="col">Value</th>
          <th scope="col">Interval</th>
          <th scope="col">n</th>
          <th scope="col">Change since</th>
        </tr>
      </thead>
      <tbody>
        {answer.comparisons.map((comparison) => {
          const { base } = comparison;
          return (
            <tr key={comparison.with}>
              <th scope="row" title={`${base.window.from} to ${base.window.to}`}>
                {NAMES[comparison.with]}, until {dayText(base.window.to)}
              </th>
              <td>{valueText(base.value, base.unit)}</td>
              <td>{intervalText(base)}</td>
              <td>{base.n === null ? '' : number(base.n, 0)}</td>
              <td>{differenceText(comparison)}</td>
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}
