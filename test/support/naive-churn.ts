import { type NaiveAccount } from './naive-account.ts';
import { type Moment, type Part } from './naive-parts.ts';
import { utcDate } from './naive-money.ts';

/** KPI_SPEC 2.3, 7.4, 7.7.3, 7.7.10: S is who was active at t - W, E who is not in S and became active in [t - W, t). */
export function churnAt(moment: Moment): readonly Part[] {
  return [...moment.accounts.values()].flatMap((account) => accountParts(account, moment));
}

function accountParts(account: NaiveAccount, moment: Moment): readonly Part[] {
  const { t, windowMs } = moment;
  const start = t - windowMs;
  const inWindow = account.instants.filter((at) => start <= at && at < t);
  const hasChurned = inWindow.some((at) => account.churns(at));
  if (!account.isActive(start)) {
    const entry = inWindow.find((at) => account.begins(at));
    if (entry === undefined) return [];
    const dimensions = { plan: account.plan(entry) };
    return [
      { component: 'with_new_base', dimensions, amount: 1 },
      { component: 'with_new_churned', dimensions, amount: Number(hasChurned) },
    ];
  }
  const dimensions = { plan: account.plan(start) };
  const isLost = !account.isActive(t - 1);
  return [
    { component: 'start', dimensions, amount: 1 },
    { component: 'churned', dimensions, amount: Number(hasChurned) },
    { component: 'net_lost', dimensions, amount: Number(isLost) },
    { component: 'with_new_base', dimensions, amount: 1 },
    { component: 'with_new_churned', dimensions, amount: Number(hasChurned) },
    ...account.open(start).flatMap(({ mrrMinor, currency }) => {
      const money = { dimensions, money: mrrMinor, currency, date: utcDate(start) };
      return [
        { component: 'start_mrr', ...money },
        ...(hasChurned ? [{ component: 'churned_mrr', ...money }] : []),
        ...unpriced(currency, { dimensions, moment }),
      ];
    }),
  ];
}

/** A currency without a rate on the day of t - W: one sum that is left out. */
function unpriced(
  currency: string,
  { dimensions, moment }: { dimensions: Part['dimensions']; moment: Moment },
): readonly Part[] {
  const pair = { from: currency, to: moment.definitions.reportingCurrency };
  const date = utcDate(moment.t - moment.windowMs);
  const hasRate = moment.rates.convert(1n, pair, date) !== undefined;
  return hasRate ? [] : [{ component: 'no_fx_rate', dimensions, distinct: currency }];
}
