import { useState } from 'preact/hooks';

import type { KpiValue } from '../data/answers.ts';
import { dateTimeText, dayText, intervalText, valueText } from '../data/format.ts';
import { HEIGHT, type Plot, WIDTH, plotOf } from '../data/plot.ts';

export interface TrendOptions {
  readonly title: string;
  /** Oldest first. */
  readonly points: readonly KpiValue[];
  /** Why the history cannot be read, if it cannot. */
  readonly failure: string | undefined;
  readonly isRead: boolean;
}

/** The way to the current value, with its interval as a band. Pointer and arrow keys read single points; a table is in the details. */
export function Trend({ title, points, failure, isRead }: TrendOptions) {
  const [chosen, choose] = useState<number | undefined>();
  const plot = plotOf(points);
  const [first, last] = [points[0], points.at(-1)];
  if (plot === undefined || first === undefined || last === undefined)
    return <p class="trend is-empty">{emptyText(failure, isRead)}</p>;
  const range = `${valueText(plot.low, first.unit)} to ${valueText(plot.high, first.unit)}`;
  const label = `${title}: from ${dayText(first.as_of)} to ${dayText(last.as_of)} between ${range}, now ${valueText(last.value, last.unit)}`;
  const point = chosen === undefined ? undefined : points[chosen];
  const move = (step: number): void =>
    choose(Math.min(points.length - 1, Math.max(0, (chosen ?? points.length - 1) + step)));
  return (
    <figure class="trend">
      {/* It can be focused because arrow keys read its points. */}
      <svg
        viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
        preserveAspectRatio="none"
        role="img"
        aria-label={label}
        tabIndex={0}
        onPointerMove={(event) => choose(indexAt(event, points.length))}
        onPointerLeave={() => choose(undefined)}
        onBlur={() => choose(undefined)}
        onKeyDown={(event) => {
          if (event.key !== 'ArrowLeft' && event.key !== 'ArrowRight') return;
          event.preventDefault();
          move(event.key === 'ArrowLeft' ? -1 : 1);
        }}
      >
        <Lines plot={plot} />
        {chosen !== undefined && (
          <line class="cursor" x1={plot.x(chosen)} x2={plot.x(chosen)} y1="0" y2={HEIGHT} />
        )}
      </svg>
      <figcaption aria-live="polite">
        {point === undefined ? (
          <>
            <span>{dayText(first.as_of)}</span>
            <span>{range}</span>
            <span>now</span>
          </>
        ) : (
          <>
            <span>{dateTimeText(point.as_of)}</span>
            <strong>{valueText(point.value, point.unit)}</strong>
            <span>{intervalText(point)}</span>
          </>
        )}
      </figcaption>
    </figure>
  );
}

function Lines({ plot }: { readonly plot: Plot }) {
  return (
    <>
      <line class="floor" x1="0" x2={WIDTH} y1={HEIGHT} y2={HEIGHT} />
      <path class="band" d={plot.band} />
      <path class="line" d={plot.line} />
    </>
  );
}

function indexAt(event: PointerEvent & { readonly currentTarget: Element }, count: number): number {
  const box = event.currentTarget.getBoundingClientRect();
  const share = (event.clientX - box.left) / box.width;
  return Math.min(count - 1, Math.max(0, Math.round(share * (count - 1))));
}

function emptyText(failure: string | undefined, isRead: boolean): string {
  if (failure !== undefined) return `No trend: ${failure}`;
  return isRead ? 'A trend appears once there are two values' : 'Reading the history';
}
