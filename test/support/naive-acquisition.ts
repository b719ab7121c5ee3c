import { type NaiveAccount } from './naive-account.ts';
import { lastOfEach, ofTypes } from './naive-events.ts';
import { halfEven, utcDate } from './naive-money.ts';
import { type Moment, type Part } from './naive-parts.ts';
import { paidWithin } from './naive-refunds.ts';

/** KPI_SPEC 2.2, 7.4: spend accrued over its period within [t - W - lag, t - lag), and customers won in [t - W, t). */
export function acquisitionAt(moment: Moment): readonly Part[] {
  const won = [...moment.accounts].flatMap(([id, account]) => newcomerParts(id, account, moment));
  return [...won, ...spendParts(moment)];
}

function newcomerParts(id: string, account: NaiveAccount, moment: Moment): readonly Part[] {
  const { t, windowMs } = moment;
  const since = account.instants.find((at) => account.isActive(at));
  if (since === undefined || since < t - windowMs) return [];
  const events = moment.known.filter((event) => event.account_id === id);
  const grace = moment.definitions.acquisition.refundGraceMs;
  // Who got back all that was paid at the beginning is no customer won.
  const paid = paidWithin(events, { from: since, to: since + grace });
  if (paid.length > 0 && paid.every(({ isRefunded }) => isRefunded)) return [];
  const stated = ofTypes(moment.timeless, ['account.created']).findLast(
    (event) => event.account_id === id && event.source_channel !== null,
  )?.source_channel;
  const [lead] = ofTypes(events, ['crm.lead_created', 'crm.opportunity_won']);
  const attributed = lead !== undefined && lead.occurred_at <= since ? lead.channel : '(none)';
  const dimensions = { plan: account.plan(since), channel: stated ?? attributed };
  return [{ component: 'new_accounts', dimensions, amount: 1 }];
}

function spendParts(moment: Moment): readonly Part[] {
  const { t, windowMs, definitions } = moment;
  const end = t - definitions.acquisition.lagMs;
  const records = lastOfEach(ofTypes(moment.timeless, ['marketing.spend_recorded']), (event) =>
    JSON.stringify([event.source, event.spend_id]),
  );
  return records.flatMap((record): readonly Part[] => {
    const { period_start: from, period_end: to, currency, channel } = record;
    const overlap = Math.min(to, end) - Math.max(from, end - windowMs);
    if (overlap <= 0) return [];
    const dimensions = { plan: '(none)', channel };
    const part = halfEven(BigInt(record.amount_minor) * BigInt(overlap), BigInt(to - from));
    const date = utcDate(record.occurred_at);
    return [
      { component: 'spend_records', dimensions, amount: 1 },
      { component: 'spend', dimensions, whatever: 'plan', money: Number(part), currency, date },
      {
        component: 'no_fx_rate',
        dimensions,
        whatever: 'plan',
        unpriced: Number(part),
        currency,
        date,
      },
    ];
  });
}
