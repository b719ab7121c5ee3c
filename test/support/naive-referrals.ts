import { lastOfEach, ofTypes } from './naive-events.ts';
import { type Moment, type Part } from './naive-parts.ts';

/** KPI_SPEC 2.17, 7.4: active at t - W, onboarded before t; an invitee counts once per account, for all time. */
export function referralsAt(moment: Moment): readonly Part[] {
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

function firstInvitations({ known, timeless }: Moment, id: string): readonly number[] {
  const domain = ofTypes(timeless, ['account.created'])
    .findLast((event) => event.account_id === id && event.domain !== null)
    ?.domain?.toLowerCase();
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
