import { type Components } from './kpi.ts';

/** How many had the event, or were lost sight of, after exactly this long, ms. */
export interface CurveStep {
  readonly time: number;
  readonly events: number;
  readonly censored: number;
}

/** Components of a survival curve are counts by length of time: these words, `@` and the ms. */
const EVENT = 'event';
const LOST = 'lost';

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
