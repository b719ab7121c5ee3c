import { type EventOf } from '@kpi/core';

import { lastOfEach, ofTypes } from './naive-events.ts';
import { type Moment, type Part } from './naive-parts.ts';

/** KPI_SPEC 2.17, 7.4: active at t - W, onboarded before t; an invitee counts once per account, for all time. */
export function referralsAt(moment: Moment): readonly Part[] {
  return [...referrersAt(moment), ...conversionsAt(moment)];
}

/** KPI_SPEC 2.17, 7.4: first referred in [t - H - W, t - H) and no customer before; became one before H had passed. */
function conversionsAt(moment: Moment): readonly Part[] {
  const { t, windowMs, known, accounts, isInternal } = moment;
  const { horizonMs } = moment.definitions.referral;
  const valid = ofTypes(known, ['referral.sent']).filter((event) => isOfOutsider(event, moment));
  const named = new Set(valid.flatMap((event) => event.referred_account_id ?? []));
  return [...named].flatMap((id): readonly Part[] => {
    if (isInternal(id)) return [];
    const entry = valid.find((event) => event.referred_account_id === id)?.occurred_at ?? 0;
    const account = accounts.get(id);
    const since = account?.instants.find((at) => account.isActive(at)) ?? Infinity;
    const dimensions = { plan: account?.plan(entry) ?? '(none)' };
    const one = (component: string): Part => ({ component, dimensions, amount: 1 });
    if (t - horizonMs <= entry) return since < entry ? [] : [one('immature')];
    if (entry < t - horizonMs - windowMs) return [];
    if (since < entry) return [one('customers_already')];
    return since < entry + horizonMs ? [one('entered'), one('converted')] : [one('entered')];
  });
}

/** Whether an account, and no internal one, invited somebody else of another domain. */
function isOfOutsider(
  { account_id: sender, referred_account_id: referred, invitee_domain }: EventOf<'referral.sent'>,
  moment: Moment,
): boolean {
  if (sender === null || moment.isInternal(sender) || sender === referred) return false;
  return invitee_domain.toLowerCase() !== domainOf(sender, moment);
}

function referrersAt(moment: Moment): readonly Part[] {
  const { t, windowMs, known } = moment;
  const start = t - windowMs;
  return [...moment.accounts].flatMap(([id, account]) => {
    const isOnboarded = ofTypes(known, ['onboarding.completed']).some(
      (event) => event.account_id === id,
    );
    if (!isOnboarded || !account.isActive(start)) return [];
    const hasReferred = firstInvitations(moment, id).some((at) => start <= at);
    const dimensions = { plan: account.plan(start) };
    return [
      { component: 'onboarded', dimensions, amount: 1 },
      { component: 'referrers', dimensions, amount: Number(hasReferred) },
    ];
  });
}

function domainOf(id: string, { timeless }: Moment): string | undefined {
  return ofTypes(timeless, ['account.created'])
    .findLast((event) => event.account_id === id && event.domain !== null)
    ?.domain?.toLowerCase();
}

function firstInvitations(moment: Moment, id: string): readonly number[] {
  const { known } = moment;
  const domain = domainOf(id, moment);
  const invitations = ofTypes(known, ['referral.sent']).filter(
    (event) =>
      event.account_id === id &&
      event.referred_account_id !== id &&
      event.invitee_domain.toLowerCase() !== domain,
  );
  return lastOfEach(invitations.toReversed(), (event) => event.invitee_hash).map(
    (event) => event.occurred_at,
  );
}
