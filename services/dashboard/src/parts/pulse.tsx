import { number } from '../data/format.ts';

const WIDTH = 120;
const HEIGHT = 26;

/** Readings of the last minutes as a line from 0. */
export function Pulse({ readings }: { readonly readings: readonly number[] }) {
  if (readings.length < 2) return <>on average over ten seconds</>;
  const top = Math.max(1, ...readings);
  const step = WIDTH / (readings.length - 1);
  const points = readings.map(
    (reading, index) =>
      `${(index * step).toFixed(1)},${(HEIGHT - 1 - (reading / top) * (HEIGHT - 3)).toFixed(1)}`,
  );
  return (
    <svg
      class="pulse"
      viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
      preserveAspectRatio="none"
      role="img"
      aria-label={`The last ${readings.length} readings, ${number(top, 0)} at most`}
    >
      <polyline points={points.join(' ')} />
    </svg>
  );
}
