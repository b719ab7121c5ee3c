import { type AccountState, pieceAt } from './account.ts';
import { type MeasureSum } from './catalogue.ts';
import { type Components } from './kpi.ts';
import { type Measure, counting } from './measure.ts';
import { inWindow, intersect } from './span.ts';
import { EVENT, LOST } from './survival.ts';

/** Who is followed from an origin on until they get somewhere, or are lost sight of. Infinity stands for "not". */
export interface Entrant {
  readonly origin: number;
  readonly reachedAt: number;
  /** End of the first active time of the account that ends at or after the origin. */
  readonly lostAt: number;
  /** Of the account at the origin. */
  readonly plan: string;
}

export function entrantOf(
  state: AccountState,
  times: Pick<Entrant, 'origin' | 'reachedAt'>,
): Entrant {
  const { origin } = times;
  return {
    ...times,
    lostAt: state.active.find(({ to }) => origin <= to)?.to ?? Infinity,
    plan: pieceAt(state, origin).plan,
  };
}

/** Those who entered in the window, and those of them who got there before t and before they were lost. */
export function entrantMeasures(
  unit: 'waiting_account' | 'learner',
): Readonly<Record<'entrants' | 'reached', Measure>> {
  return {
    entrants: {
      unit,
      kind: 'count',
      intervals: ({ origin, plan }, { windowMs }) => counting(inWindow(origin, windowMs), { plan }),
    },
    reached: {
      unit,
      kind: 'count',
      intervals: (entrant, { windowMs }) => {
        const { origin, reachedAt, plan } = entrant;
        if (!isReached(entrant)) return [];
        const since = { from: reachedAt + 1, to: Infinity };
        return counting(intersect(inWindow(origin, windowMs), since), { plan });
      },
    },
  };
}

/** Who is there at the moment of being lost is there. */
function isReached({ reachedAt, lostAt }: Entrant): boolean {
  return reachedAt <= lostAt;
}

/** The component of the curve in which an entrant of the window counts at t: until when it was followed, and how that ended. */
export function curveComponent(
  entrant: Entrant,
  at: { readonly asOf: number; readonly clipAt: number },
): string {
  const { origin, reachedAt, lostAt } = entrant;
  const isThere = isReached(entrant) && reachedAt < at.asOf;
  const until = isThere ? reachedAt : Math.min(lostAt, at.asOf, at.clipAt);
  return `${isThere ? EVENT : LOST}@${Math.max(until - origin, 0)}`;
}

/** Sums of entrants and of the curve, which has a component for every length of time. */
export function reduceCurve(sums: readonly MeasureSum[]): Components {
  const totals: Record<string, bigint> = { entrants: 0n, reached: 0n };
  for (const { measure, sum } of sums) totals[measure] = (totals[measure] ?? 0n) + sum;
  return totals;
}
