import { useState } from 'preact/hooks';

import { type ChartAxis, zeroAxis } from '../data/chart-axis.ts';
import { number } from '../data/format.ts';
import type { EventPoint, EventStudy } from '../data/training-answer.ts';
import { preTrendText } from '../data/training-words.ts';
import { SHAPES } from './interval-mark.tsx';

const HEIGHT = 220;
const CAP = 5;

/** How the rate of trained accounts moved against that of others, before and after training. */
export function EventStudyPanel({ study }: { readonly study: EventStudy | null }) {
  return (
    <section class="panel study" aria-labelledby="training-study">
      <h2 id="training-study">Before and after training</h2>
      {study === null ? (
        <p class="quiet">
          No accounts were trained in periods that can be held against those of others yet.
        </p>
      ) : (
        <Study study={study} />
      )}
    </section>
  );
}

/** Periods from the first to the last, also those that nothing is known of. */
interface Periods {
  readonly first: number;
  readonly count: number;
}

function Study({ study }: { readonly study: EventStudy }) {
  const { points } = study;
  const [chosen, choose] = useState<number | undefined>();
  const axis = zeroAxis(points.map(({ effect, low, high }) => ({ value: effect, low, high })));
  const first = Math.min(0, ...points.map(({ period }) => period));
  const last = Math.max(0, ...points.map(({ period }) => period));
  const periods = { first, count: last - first + 1 };
  const point = points.find(({ period }) => period === chosen);
  const move = (step: number): void =>
    choose(Math.min(last, Math.max(first, (chosen ?? (step > 0 ? first - 1 : last + 1)) + step)));
  return (
    <figure>
      <p class="study-words">
        Change of tickets per 100 account-days against accounts not trained by then, since the
        period before training.
      </p>
      <div class="study-chart">
        <div class="study-plot">
          <svg class="study-scale" aria-hidden="true">
            {axis.ticks.map((tick) => (
              <text key={tick} x="100%" dx="-8" y={height(axis, tick) + 4} text-anchor="end">
                {signed(tick, Number.isInteger(tick) ? 0 : 1)}
              </text>
            ))}
          </svg>
          {/* It can be focused because arrow keys read its points. */}
          <svg
            class="study-points"
            role="img"
            aria-label={`Event study over ${periods.count} periods of 28 days. ${preTrendText(study)} The table below has its numbers.`}
            tabIndex={0}
            onPointerMove={(event) => choose(periodAt(event, periods))}
            onPointerLeave={() => choose(undefined)}
            onBlur={() => choose(undefined)}
            onKeyDown={(event) => {
              if (event.key !== 'ArrowLeft' && event.key !== 'ArrowRight') return;
              event.preventDefault();
              move(event.key === 'ArrowLeft' ? -1 : 1);
            }}
          >
            <Plot points={points} periods={periods} axis={axis} chosen={chosen} />
          </svg>
        </div>
        <p class="reading" aria-live="polite">
          {point === undefined ? 'Periods of 28 days from training' : readingText(point)}
        </p>
      </div>
      <figcaption>{preTrendText(study)}</figcaption>
      <details>
        <summary>The numbers as a table</summary>
        <Table points={points} />
      </details>
    </figure>
  );
}

function Plot(options: {
  readonly points: readonly EventPoint[];
  readonly periods: Periods;
  readonly axis: ChartAxis;
  readonly chosen: number | undefined;
}) {
  const { points, periods, axis, chosen } = options;
  const training = share(periods, -0.5);
  return (
    <>
      <rect class="before" width={`${training}%`} height={HEIGHT} />
      {chosen !== undefined && (
        <rect
          class="chosen"
          x={`${share(periods, chosen - 0.5)}%`}
          width={`${100 / periods.count}%`}
          height={HEIGHT}
        />
      )}
      {axis.ticks.map((tick) => (
        <line
          key={tick}
          class="grid-line"
          x2="100%"
          y1={height(axis, tick)}
          y2={height(axis, tick)}
        />
      ))}
      <line class="reference" x2="100%" y1={height(axis, 0)} y2={height(axis, 0)} />
      <line class="training-line" x1={`${training}%`} x2={`${training}%`} y2={HEIGHT} />
      {training > 0 && (
        <text x={`${training}%`} dx="-6" y="14" text-anchor="end">
          before
        </text>
      )}
      <text x={`${training}%`} dx="6" y="14">
        trained
      </text>
      {points.map((point) => (
        <Point key={point.period} point={point} x={share(periods, point.period)} axis={axis} />
      ))}
      {Array.from({ length: periods.count }, (_, at) => (
        <text
          key={at}
          class="period"
          x={`${share(periods, at + periods.first)}%`}
          y={HEIGHT + 18}
          text-anchor="middle"
        >
          {signed(at + periods.first, 0)}
        </text>
      ))}
    </>
  );
}

function Point(options: {
  readonly point: EventPoint;
  readonly x: number;
  readonly axis: ChartAxis;
}) {
  const { point, x, axis } = options;
  const shape = point.period < 0 ? 'untrained' : 'trained';
  const [top, bottom] = [height(axis, point.high), height(axis, point.low)];
  return (
    <svg class="point" data-shape={shape} x={`${x}%`} overflow="visible">
      <line class="reach" y1={top} y2={bottom} />
      {[top, bottom].map((y) => (
        <line key={y} class="end" x1={-CAP} x2={CAP} y1={y} y2={y} />
      ))}
      <path
        class="sign"
        d={SHAPES[shape]}
        transform={`translate(0 ${height(axis, point.effect)})`}
      />
    </svg>
  );
}

/** Place of a period, in percent of the width. */
function share({ first, count }: Periods, period: number): number {
  return ((period - first + 0.5) / count) * 100;
}

function height(axis: ChartAxis, value: number): number {
  return (1 - axis.place(value) / 100) * HEIGHT;
}

function periodAt(
  event: PointerEvent & { readonly currentTarget: Element },
  { first, count }: Periods,
): number {
  const box = event.currentTarget.getBoundingClientRect();
  const at = Math.floor(((event.clientX - box.left) / box.width) * count);
  return first + Math.min(count - 1, Math.max(0, at));
}

function signed(value: number, digits: number): string {
  return `${value > 0 ? '+' : ''}${number(value, digits)}`;
}

/** Where in time a period lies. */
function periodText(period: number): string {
  if (period === 0) return 'Period of training';
  const count = Math.abs(period);
  return `${count} ${count === 1 ? 'period' : 'periods'} ${period < 0 ? 'before' : 'after'}`;
}

function readingText({ period, effect, low, high, accounts }: EventPoint): string {
  return `${periodText(period)}: ${signed(effect, 2)} (${signed(low, 2)} to ${signed(high, 2)}), ${number(accounts, 0)} accounts`;
}

function Table({ points }: { readonly points: readonly EventPoint[] }) {
  return (
    <table>
      <caption>Tickets per 100 account-days against others</caption>
      <thead>
        <tr>
          <th scope="col">Period of 28 days</th>
          <th scope="col">Change</th>
          <th scope="col">Interval</th>
          <th scope="col">Accounts</th>
        </tr>
      </thead>
      <tbody>
        {points.map(({ period, effect, low, high, accounts }) => (
          <tr key={period}>
            <th scope="row">{periodText(period)}</th>
            <td>{signed(effect, 2)}</td>
            <td>
              {signed(low, 2)} to {signed(high, 2)}
            </td>
            <td>{number(accounts, 0)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
