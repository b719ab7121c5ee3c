import type { Account } from './account.ts';
import { type Draft, draft } from './draft.ts';
import type { Period } from './period.ts';
import { createRandom, hash32 } from './random.ts';
import { isInUse } from './subscription.ts';
import { REFERRAL_PER_PERIOD, REFERRED_SHARE } from './truth.ts';

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
  return [
    referralDraft(account, {
      id: `${account.id}:referral:${period.number}`,
      at,
      userId: owner.id,
      invitee: { domain, name: `${domain}:${invitee}` },
    }),
  ];
}

/** Who recommended the product to an account, at the moment it was opened; nobody to most. `earlier` are those who might have. */
export function invitationDrafts(account: Account, earlier: readonly Account[]): readonly Draft[] {
  const random = createRandom(account.seed, account.id, 'invitation');
  const at = account.createdAt;
  const referrers = earlier.filter(({ life }) => isInUse(life, at));
  if (!random.chance(REFERRED_SHARE) || referrers.length === 0) return [];
  const referrer = random.pick(referrers);
  const [owner] = referrer.members;
  if (owner === undefined || at < owner.joinedAt) return [];
  const domain = `company-${account.number}.example`;
  return [
    referralDraft(referrer, {
      id: `${account.id}:invitation`,
      at,
      userId: owner.id,
      invitee: { domain, name: `${domain}:owner` },
      referred: account.id,
    }),
  ];
}

interface Referral {
  readonly id: string;
  readonly at: number;
  readonly userId: string;
  readonly invitee: { readonly domain: string; readonly name: string };
  readonly referred?: string;
}

function referralDraft(account: Account, { id, at, userId, invitee, referred }: Referral): Draft {
  return draft({
    id,
    type: 'referral.sent',
    source: 'app',
    at,
    accountId: account.id,
    userId,
    properties: {
      referral_id: id,
      invitee_hash: `h${hash32(invitee.name)}`,
      invitee_domain: invitee.domain,
      ...(referred === undefined ? {} : { referred_account_id: referred }),
    },
  });
}
