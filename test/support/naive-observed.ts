import { marginOf, movementsOf, saleParts } from './naive-lifetime.ts';
import { utcDate } from './naive-money.ts';
import { type Moment, type Part } from './naive-parts.ts';

interface Customer {
  readonly since: number;
  readonly reachedAt: number;
  readonly dimensions: Readonly<Record<string, string>>;
}

/** KPI_SPEC 2.9, 7.4: customers that have reached an age by t, and what they brought until then; the margin in force at t. */
export function observedAt(moment: Moment): readonly Part[] {
  const { t, windowMs, definitions } = moment;
  const customers = new Map<string, Customer>();
  for (const [id, account] of moment.accounts) {
    const since = account.instants.find((at) => account.isActive(at));
    if (since === undefined) continue;
    const dimensions = { plan: account.plan(since), cohort: utcDate(since).slice(0, 7) };
    const reachedAt = monthsLater(since, definitions.observedAgeMonths);
    customers.set(id, { since, reachedAt, dimensions });
  }
  const counted = [...customers.values()].flatMap(({ reachedAt, dimensions }): readonly Part[] => {
    if (reachedAt > t) return [{ component: 'younger', dimensions, amount: 1 }];
    return reachedAt > t - windowMs ? [{ component: 'accounts', dimensions, amount: 1 }] : [];
  });
  const parts = [...counted, ...salesOf(customers, moment)];
  const groups = new Map(parts.map((part) => [JSON.stringify(part.dimensions), part.dimensions]));
  return [
    ...parts,
    ...[...groups.values()].map((dimensions) => ({ ...marginOf(moment), dimensions })),
  ];
}

function salesOf(customers: ReadonlyMap<string, Customer>, moment: Moment): readonly Part[] {
  const { t, windowMs } = moment;
  return movementsOf(moment).flatMap((event): readonly Part[] => {
    const customer = customers.get(event.account_id ?? '');
    if (customer === undefined) return [];
    const { since, reachedAt, dimensions } = customer;
    const hasReached = t - windowMs < reachedAt && reachedAt <= t;
    if (!hasReached || event.occurred_at < since || event.occurred_at > reachedAt) return [];
    return saleParts(event, dimensions);
  });
}

/** The same day and time so many calendar months later (UTC), or the last day of that month. */
function monthsLater(at: number, months: number): number {
  const date = new Date(at);
  const day = date.getUTCDate();
  date.setUTCDate(1);
  date.setUTCMonth(date.getUTCMonth() + months);
  const last = new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 0)).getUTCDate();
  date.setUTCDate(Math.min(day, last));
  return date.getTime();
}
