import { type ChartAxis, type Extent, ratioAxis } from '../data/chart-axis.ts';
import { number, tickText } from '../data/format.ts';
import type { ContrastRatio, Interval, TrainingAnswer } from '../data/training-answer.ts';
import {
  listText,
  probabilityText,
  ratioIntervalText,
  ratioText,
  unadjustedTitle,
  verdictText,
} from '../data/training-words.ts';
import { AxisTicks, IntervalMark, type Shape } from './interval-mark.tsx';

interface Row {
  readonly id: string;
  readonly title: string;
  readonly text: string;
  readonly ratio: number | null;
  readonly ci: Interval | null;
  readonly shape: Shape;
}

/** The ratio as the answer, the same asked in another way, and below a line what is usually shown instead. */
export function TrainingRatios({ answer }: { readonly answer: TrainingAnswer }) {
  const rows = [stratifiedRow(answer), contrastRow(answer)];
  const unadjusted = answer.unadjusted.map(({ name, ratio, flaw }): Row => ({
    id: name,
    title: unadjustedTitle(name),
    text: `${flaw.charAt(0).toUpperCase()}${flaw.slice(1)}.`,
    ratio,
    ci: name === 'trained_time_crude' ? (answer.crude?.ci ?? null) : null,
    shape: 'other',
  }));
  const axis = ratioAxis([...rows, ...unadjusted].map(extentOf));
  return (
    <section class="panel ratios" aria-labelledby="training-ratios">
      <h2 id="training-ratios">Trained over untrained</h2>
      <figure>
        <div class="ratio-row directions">
          <span class="ratio-mark" aria-hidden="true">
            <span>← fewer tickets</span>
            <span>more →</span>
          </span>
        </div>
        <Rows rows={rows} axis={axis} />
        <h3>Unadjusted – not an answer</h3>
        <Rows rows={unadjusted} axis={axis} />
        <div class="ratio-row">
          <span class="ratio-mark">
            <AxisTicks axis={axis} text={tickText} />
          </span>
        </div>
        <figcaption>
          Ratio of the ticket rates on a logarithmic axis. At 1 trained time is like untrained time;
          0.5 is half as many tickets.
        </figcaption>
      </figure>
    </section>
  );
}

function extentOf({ ratio, ci }: Row): Extent {
  return { value: ratio, low: ci?.low ?? null, high: ci?.high ?? null };
}

function stratifiedRow({ stratified, headline, stratified_by: by }: TrainingAnswer): Row {
  const like = by.length === 0 ? 'All time in one' : `Time of the same ${listText(by)}`;
  const p = stratified?.p_value ?? null;
  return {
    id: 'stratified',
    title: 'Like with like – the answer',
    text:
      stratified === null
        ? 'No stratum has time of both groups with tickets yet.'
        : headline === null
          ? `${like}. Too little of it to be an answer yet.`
          : `${like}, ${number(stratified.accounts, 0)} accounts${p === null ? '' : `, ${probabilityText(p)}`}.`,
    ratio: stratified?.ratio ?? null,
    ci: stratified?.ci ?? null,
    shape: 'answer',
  };
}

function contrastRow({ difference_in_differences: contrast, matched }: TrainingAnswer): Row {
  return {
    id: 'contrast',
    title: 'After over before, against others',
    text:
      contrast === null
        ? `${number(matched.trained, 0)} accounts were trained early enough to be followed, ${number(matched.compared, 0)} of them have others beside them: not enough.`
        : contrastText(contrast, matched),
    ratio: contrast?.ratio ?? null,
    ci: contrast?.ci ?? null,
    shape: 'ratio',
  };
}

function contrastText({ p_value: p }: ContrastRatio, matched: TrainingAnswer['matched']): string {
  return `Difference in differences: ${number(matched.compared, 0)} trained accounts, ${number(matched.others, 0)} others${p === null ? '' : `, ${probabilityText(p)}`}.`;
}

function Rows({ rows, axis }: { readonly rows: readonly Row[]; readonly axis: ChartAxis }) {
  return (
    <ul>
      {rows.map(({ id, title, text, ratio, ci, shape }) => (
        <li key={id} class="ratio-row" data-ratio={id}>
          <p class="ratio-words">
            <strong>{title}</strong> <span>{text}</span>
          </p>
          <span class="ratio-mark">
            <IntervalMark
              axis={axis}
              value={ratio}
              ci={ci}
              shape={shape}
              reference={1}
              label={`${title}: ${ratioText(ratio)}, ${ratioIntervalText(ci)}`}
            />
          </span>
          <p class="ratio-value">
            <strong>{ratioText(ratio)}</strong>
            {ratio !== null && (ci !== null || shape !== 'other') && (
              <span>{ratioIntervalText(ci)}</span>
            )}
            {shape !== 'other' && ci !== null && <span>{verdictText(ci)}</span>}
          </p>
        </li>
      ))}
    </ul>
  );
}
