import type { ChartAxis } from '../data/chart-axis.ts';
import type { Interval } from '../data/training-answer.ts';

/** Shape says what a mark stands for, besides its colour: trained, untrained, the answer, another ratio, or no answer. */
export const SHAPES = {
  trained: 'M-5 0a5 5 0 1 0 10 0a5 5 0 1 0-10 0Z',
  untrained: 'M-4.5-4.5h9v9h-9Z',
  answer: 'M0-7.5L7.5 0L0 7.5L-7.5 0Z',
  ratio: 'M0-6L6 0L0 6L-6 0Z',
  other: 'M-4 0a4 4 0 1 0 8 0a4 4 0 1 0-8 0Z',
} as const;
export type Shape = keyof typeof SHAPES;

/** Half of the cap at the end of an interval. */
const CAP = 4;
/** An interval that goes on beyond the axis. */
const ARROWS = { low: 'M5-4L0 0L5 4', high: 'M-5-4L0 0L-5 4' } as const;

export interface IntervalMarkOptions {
  readonly axis: ChartAxis;
  readonly value: number | null;
  readonly ci: Pick<Interval, 'low' | 'high'> | null;
  readonly shape: Shape;
  /** Value that is marked by a line, such as 1 for ratios. */
  readonly reference?: number;
  /** What the picture says. */
  readonly label: string;
}

/** A value with its interval on a common axis, as wide as there is room. */
export function IntervalMark(options: IntervalMarkOptions) {
  const { axis, value, ci, shape, reference, label } = options;
  return (
    <svg class="mark" data-shape={shape} role="img" aria-label={label}>
      <Grid axis={axis} reference={reference} />
      {ci !== null && <Reach axis={axis} ci={ci} />}
      {value !== null && <Value axis={axis} value={value} shape={shape} />}
    </svg>
  );
}

function Grid(options: { readonly axis: ChartAxis; readonly reference: number | undefined }) {
  const { axis, reference } = options;
  return (
    <>
      {axis.ticks.map((tick) => (
        <line key={tick} class="grid-line" {...upright(axis.place(tick))} />
      ))}
      {reference !== undefined && <line class="reference" {...upright(axis.place(reference))} />}
    </>
  );
}

function upright(x: number) {
  return { x1: `${x}%`, x2: `${x}%`, y1: '0', y2: '100%' };
}

/** A value beyond the axis is an arrow: its mark would stand where it is not. */
function Value(options: {
  readonly axis: ChartAxis;
  readonly value: number;
  readonly shape: Shape;
}) {
  const { axis, value, shape } = options;
  const x = axis.place(value);
  if (value < axis.low) return <Sign x={x} path={ARROWS.low} isEnd />;
  if (value > axis.high) return <Sign x={x} path={ARROWS.high} isEnd />;
  return <Sign x={x} path={SHAPES[shape]} />;
}

function Reach(options: { readonly axis: ChartAxis; readonly ci: Pick<Interval, 'low' | 'high'> }) {
  const { axis, ci } = options;
  const [low, high] = [axis.place(ci.low), axis.place(ci.high ?? axis.high)];
  return (
    <>
      <line class="reach" x1={`${low}%`} x2={`${high}%`} y1="50%" y2="50%" />
      <Sign x={low} path={ci.low < axis.low ? ARROWS.low : `M0-${CAP}V${CAP}`} isEnd />
      <Sign
        x={high}
        path={ci.high === null || ci.high > axis.high ? ARROWS.high : `M0-${CAP}V${CAP}`}
        isEnd
      />
    </>
  );
}

/** A small drawing at a place in percent, which a transform could not say. */
function Sign(options: { readonly x: number; readonly path: string; readonly isEnd?: boolean }) {
  return (
    <svg x={`${options.x}%`} y="50%" overflow="visible">
      <path class={options.isEnd === true ? 'end' : 'sign'} d={options.path} />
    </svg>
  );
}

/** The numbers below marks of one axis. */
export function AxisTicks(options: {
  readonly axis: ChartAxis;
  readonly text: (tick: number) => string;
}) {
  const { axis, text } = options;
  return (
    <svg class="ticks" aria-hidden="true">
      {axis.ticks.map((tick) => (
        <text key={tick} x={`${axis.place(tick)}%`} y="12" text-anchor="middle">
          {text(tick)}
        </text>
      ))}
    </svg>
  );
}

/** A mark in text: the key to what it means. */
export function KeyMark({ shape }: { readonly shape: Shape }) {
  return (
    <svg class="key-mark" data-shape={shape} viewBox="-8 -8 16 16" aria-hidden="true">
      <path class="sign" d={SHAPES[shape]} />
    </svg>
  );
}
