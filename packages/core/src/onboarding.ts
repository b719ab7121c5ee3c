import { type AccountState, lastStated } from './account.ts';
import { ENTITY, isEntity } from './entity.ts';
import { type Fact, type FactOf, isKind } from './fact.ts';
import { type FactSource, effectiveFacts } from './home.ts';

/** An account with its onboarding and the outsiders it invited. */
export interface Referrer {
  readonly state: AccountState;
  /** End of its first onboarding; Infinity while there is none. */
  readonly onboardedAt: number;
  /** First invitation of each outsider, ascending. */
  readonly referredAt: readonly number[];
}

export function referrerOf(home: FactSource, state: AccountState): Referrer {
  return { state, onboardedAt: onboardedAt(home), referredAt: referralsOf(home) };
}

/** Any flow, by anyone of the account. */
export function onboardedAt(home: FactSource): number {
  return effectiveFacts(home, ENTITY.onboarding)[0]?.at ?? Infinity;
}

/** An invitee counts once for all time; whoever has the account's own domain is no outsider (KPI_SPEC 2.17, 7.4). */
function referralsOf(home: FactSource): readonly number[] {
  const referredAt: number[] = [];
  const own = domainOf(home);
  for (const entity of home.entities()) {
    if (!isEntity(entity, ENTITY.invitee)) continue;
    const first = effectiveFacts(home, entity).find((fact) => isValidReferral(fact, own));
    if (first !== undefined) referredAt.push(first.at);
  }
  return referredAt.toSorted((a, b) => a - b);
}

/** The account's mail domain, as last stated. */
export function domainOf(home: FactSource): string | null {
  return lastStated(effectiveFacts(home, ENTITY.account), ({ domain }) => domain);
}

/** Whether an account with this mail domain invited an outsider. */
export function isValidReferral(fact: Fact, own: string | null): fact is FactOf<'referral'> {
  return isKind(fact, 'referral') && !fact.isSelf && !isSameDomain(fact.domain, own);
}

/** Domain names do not tell ASCII capitals from small letters. A domain that is not known is nobody's. */
function isSameDomain(domain: string, own: string | null): boolean {
  return own !== null && own !== '' && inSmallLetters(domain) === inSmallLetters(own);
}

function inSmallLetters(domain: string): string {
  return domain.replaceAll(/[A-Z]/g, (letter) => letter.toLowerCase());
}
