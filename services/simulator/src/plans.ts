/** The three plans of the demo company, small to large. */
export const PLANS = ['starter', 'team', 'business'] as const;
export type Plan = (typeof PLANS)[number];

export const PLAN_WEIGHTS: readonly number[] = [0.45, 0.35, 0.2];

export const CURRENCIES = ['EUR', 'USD', 'GBP'] as const;
export type Currency = (typeof CURRENCIES)[number];

export const CURRENCY_WEIGHTS: readonly number[] = [0.5, 0.35, 0.15];

/** Fewest and most users of an account on the plan. */
export const USERS: Readonly<Record<Plan, readonly [number, number]>> = {
  starter: [1, 3],
  team: [2, 6],
  business: [4, 8],
};

export const SEATS_MAX = 8;

const SEAT_PRICE_MINOR: Readonly<Record<Plan, Readonly<Record<Currency, number>>>> = {
  starter: { EUR: 1_900, USD: 2_100, GBP: 1_700 },
  team: { EUR: 3_900, USD: 4_200, GBP: 3_400 },
  business: { EUR: 6_900, USD: 7_500, GBP: 5_900 },
};

/** Monthly recurring revenue in minor units. */
export function mrrMinor(plan: Plan, seats: number, currency: Currency): number {
  return SEAT_PRICE_MINOR[plan][currency] * seats;
}

/** The plan `steps` above (or, negative, below); the ends of the list stay where they are. */
export function shiftPlan(plan: Plan, steps: number): Plan {
  const index = Math.min(PLANS.length - 1, Math.max(0, PLANS.indexOf(plan) + steps));
  return PLANS[index] ?? plan;
}
