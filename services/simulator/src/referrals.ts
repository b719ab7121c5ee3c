import type { Account } from './account.ts';
import { type Draft, draft } from './draft.ts';
import type { Period } from './period.ts';
import { createRandom, hash32 } from './random.ts';
import { isInUse } from './subscription.ts';
import { REFERRAL_PER_PERIOD } from './truth.ts';

/** Invitations to colleagues look like referrals, and are none. */
const COLLEAGUE_SHARE = 0.25;
const INVITEES_MAX = 400;

/** Whom an account recommends the product to in one period. */
export function referralDrafts(account: Account, period: Period): readonly Draft[] {
  const random = createRandom(account.seed, account.id, 'referrals', period.number);
  const [owner] = account.members;
  const at = Math.floor(random.between(period.from, period.to));
  const isSent = random.chance(REFERRAL_PER_PERIOD);
  if (owner === undefined || !isSent || at < owner.joinedAt || !isInUse(account.life, at))
    return [];
  const invitee = random.integer(1, INVITEES_MAX);
  const domain = random.chance(COLLEAGUE_SHARE)
    ? `company-${account.number}.example`
    : `prospect-${invitee}.example`;
  const id = `${account.id}:referral:${period.number}`;
  return [
    draft({
      id,
      type: 'referral.sent',
      source: 'app',
      at,
      accountId: account.id,
      userId: owner.id,
      properties: {
        referral_id: id,
        invitee_hash: `h${hash32(`${domain}:${invitee}`)}`,
        invitee_domain: domain,
      },
    }),
  ];
}
