import { type AccountState, activeAt } from './account.ts';
import { type Kpi } from './catalogue.ts';
import { type UnitList } from './contribution.ts';
import { type Known } from './known.ts';
import { type ReasonCode } from './member-reason.ts';
import { contains } from './span.ts';

interface Instant {
  readonly kpi: Kpi;
  readonly asOf: number;
  readonly windowMs: number;
}

/** Why a unit counts nowhere at t, where its own state says more than that it lies outside of the window. */
export function absenceOf(list: UnitList, instant: Instant): ReasonCode | undefined {
  const { asOf } = instant;
  switch (list.name) {
    case 'account':
      return list.units.map(({ state }) => absenceAtStart(state, instant)).at(0);
    case 'product_user':
      return instant.kpi.events.includes('onboarding.completed')
        ? list.units.map((unit) => absenceOfOnboarded(unit, instant)).at(0)
        : list.units.every(({ createdAt }) => createdAt === Infinity)
          ? 'not_registered'
          : undefined;
    case 'expander':
    case 'referrer':
      return list.units.map((unit) => absenceOfOnboarded(unit, instant)).at(0);
    case 'newcomer':
      if (list.units.length === 0) return 'never_a_customer';
      // What happens at an instant is known a millisecond later.
      return list.units.some(({ refunded }) => refunded.some((span) => contains(span, asOf - 1)))
        ? 'refunded_in_grace'
        : undefined;
    case 'customer':
      return list.units.length === 0 ? 'never_a_customer' : undefined;
    case 'exposure':
      return list.units.every(({ exposure }) => exposure.length === 0)
        ? 'never_a_customer'
        : undefined;
    case 'buyer':
      return list.units.every(({ state, sales }) => state.active.length === 0 && sales.length === 0)
        ? 'never_a_customer'
        : undefined;
    case 'starter':
      return list.units.every(({ createdAt }) => createdAt === Infinity)
        ? 'not_registered'
        : undefined;
    case 'waiting_account':
      return list.units.length === 0 ? 'not_registered' : undefined;
    case 'csat_answer':
    case 'nps_answer':
    case 'ces_answer':
      return list.units.every((unit: Known) => unit.known.to <= asOf)
        ? 'superseded_by_a_later_answer'
        : undefined;
    default:
      return undefined;
  }
}

function absenceAtStart(state: AccountState, { asOf, windowMs }: Instant): ReasonCode | undefined {
  if (state.active.length === 0) return 'never_a_customer';
  return activeAt(state, asOf - windowMs) === undefined ? 'not_active_at_start' : undefined;
}

function absenceOfOnboarded(
  { state, onboardedAt }: { readonly state: AccountState; readonly onboardedAt: number },
  instant: Instant,
): ReasonCode | undefined {
  return onboardedAt >= instant.asOf
    ? 'not_onboarded'
    : (absenceAtStart(state, instant) ?? 'not_onboarded');
}
