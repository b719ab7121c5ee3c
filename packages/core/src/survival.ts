import { days } from './duration.ts';
import { type Components, type KpiVariant } from './kpi.ts';

/** Times within which shares are told. */
const WITHIN_DAYS = [1, 7, 14, 28] as const;

/** What is read from a curve of times: its median, and the shares that got there within a time. */
export function survivalVariants(): readonly KpiVariant[] {
  return [
    variant('', 'Median', 'median'),
    ...WITHIN_DAYS.map((count) =>
      variant(`by_${count}d`, `Reached within ${count} day${count === 1 ? '' : 's'}`, days(count)),
    ),
  ];
}

function variant(name: string, title: string, byMs: number | 'median'): KpiVariant {
  const entrants = (components: Components): bigint => components['entrants'] ?? 0n;
  return {
    name,
    title,
    numerator: (components) => components['reached'] ?? 0n,
    denominator: entrants,
    n: entrants,
    interval: 'kaplan_meier',
    survival: { byMs },
    unit: byMs === 'median' ? 'days' : 'ratio',
  };
}

/** How many had the event, or were lost sight of, after exactly this long, ms. */
export interface CurveStep {
  readonly time: number;
  readonly events: number;
  readonly censored: number;
}

/** Components of a survival curve are counts by length of time: these words, `@` and the ms. */
export const EVENT = 'event';
export const LOST = 'lost';

const STEP = new RegExp(`^(${EVENT}|${LOST})@(\\d+)$`);

/** The steps of the curve that components hold, in no order. */
export function curveOf(components: Components): readonly CurveStep[] {
  return Object.entries(components).flatMap(([name, count]): readonly CurveStep[] => {
    const [, kind, ms] = STEP.exec(name) ?? [];
    if (kind === undefined) return [];
    const [events, censored] = kind === EVENT ? [Number(count), 0] : [0, Number(count)];
    return [{ time: Number(ms), events, censored }];
  });
}
