import { type AccountState } from './account.ts';
import { ENTITY, isEntity } from './entity.ts';
import { isKind } from './fact.ts';
import { type FactSource, effectiveFacts } from './home.ts';

/** An account that another one referred. */
export interface ReferredAccount {
  readonly state: AccountState;
  /** First referral of it that is valid, whoever sent it. */
  readonly referredAt: number;
}

/** What the home of an account was told of referrals (referral-news.ts). Undefined for an account that nobody referred. */
export function referredAccountOf(
  home: FactSource,
  state: AccountState,
): ReferredAccount | undefined {
  let referredAt = Infinity;
  for (const entity of home.entities()) {
    if (!isEntity(entity, ENTITY.invitation)) continue;
    const first = effectiveFacts(home, entity).find((fact) => isKind(fact, 'referral'));
    referredAt = Math.min(referredAt, first?.at ?? Infinity);
  }
  return referredAt === Infinity ? undefined : { state, referredAt };
}
