import { type AccountState, pieceAt } from './account.ts';
import { DAY_MS } from './duration.ts';
import { type Measure, counting } from './measure.ts';
import { utcDay } from './rates.ts';
import { type Span, intersect } from './span.ts';
import { type Sale } from './sales.ts';

/** An account that became a customer, with what it bought from then on. */
export interface Customer {
  /** Beginning of its first active time. */
  readonly since: number;
  readonly plan: string;
  /** Month (UTC) of that beginning, `YYYY-MM`. */
  readonly cohort: string;
  readonly sales: readonly Sale[];
}

const MONTH_CHARS = '2026-01'.length;

/** Undefined for an account that never paid. */
export function customerOf(state: AccountState, sales: readonly Sale[]): Customer | undefined {
  const since = state.active[0]?.from;
  if (since === undefined) return undefined;
  return {
    since,
    plan: pieceAt(state, since).plan,
    cohort: new Date(since).toISOString().slice(0, MONTH_CHARS),
    sales: sales.filter(({ at }) => since <= at),
  };
}

/** When a customer came to an age: calendar months (UTC) later, at the end of a month that is too short. */
function reachedAt({ since }: Pick<Customer, 'since'>, months: number): number {
  const start = new Date(since);
  const [year, month] = [start.getUTCFullYear(), start.getUTCMonth() + months];
  const lastDay = new Date(Date.UTC(year, month + 1, 0)).getUTCDate();
  const day = Math.min(start.getUTCDate(), lastDay);
  return Date.UTC(year, month, day) + (since - utcDay(since) * DAY_MS);
}

interface Stages {
  /** As-of times at which it lies in the window that it reached the age. */
  readonly grown: Span;
  /** Those at which it had not reached it yet. */
  readonly younger: Span;
}

/** Counts a customer during a span. */
export function ofCustomer(spanOf: (stages: Stages) => Span): Measure {
  return {
    unit: 'customer',
    kind: 'count',
    intervals: (customer, { windowMs, definitions }) => {
      const { since, plan, cohort } = customer;
      const grownAt = reachedAt(customer, definitions.observedAgeMonths);
      const stages = {
        grown: { from: Math.max(since + 1, grownAt), to: grownAt + windowMs },
        younger: { from: since + 1, to: grownAt },
      };
      return counting(spanOf(stages), { plan, cohort, currency: '', day: '' });
    },
  };
}

/** Sums a weight of every sale until the age, that very instant included, of customers that reached it in the window. */
export function ofSalesUntilAge(weightOf: (sale: Sale) => number): Measure {
  return {
    unit: 'customer',
    kind: 'count',
    intervals: (customer, { windowMs, definitions }) => {
      const { plan, cohort, sales } = customer;
      const grownAt = reachedAt(customer, definitions.observedAgeMonths);
      return sales
        .filter(({ at }) => at <= grownAt)
        .flatMap((sale) => {
          const { at, known, currency } = sale;
          const grown = { from: Math.max(at + 1, grownAt), to: grownAt + windowMs };
          const dimensions = { plan, cohort, currency, day: String(utcDay(at)) };
          return counting(intersect(known, grown), dimensions, weightOf(sale));
        });
    },
  };
}
