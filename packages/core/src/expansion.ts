import { type AccountState } from './account.ts';
import { type Definitions } from './definitions.ts';
import { ENTITY, isEntity } from './entity.ts';
import { type FactOf, isKind } from './fact.ts';
import { type FactSource, effectiveFacts } from './home.ts';
import { onboardedAt } from './onboarding.ts';
import { type Payment, paymentsWithin } from './payments.ts';
import { type Span, contains, intersect, subtract, union } from './span.ts';

/** An account with all that it ever added to what it has. */
export interface Expander {
  readonly state: AccountState;
  readonly onboardedAt: number;
  readonly expansions: readonly Expansion[];
}

export type ExpansionKind = 'upsell' | 'cross_sell';

/** More of a product that the account had, or a product that it did not have just before. */
export interface Expansion {
  readonly kind: ExpansionKind;
  readonly at: number;
  /** Stretches of time, after it, in which it is undone: reversed or refunded within the grace period. */
  readonly undone: readonly Span[];
  /** Revenue of the product, in the currency of the expansion, over all time; of a cross-sell in any currency. */
  readonly levels: readonly Level[];
}

/** A stretch of constant monthly revenue, minor units. */
interface Level extends Span {
  readonly mrrMinor: number;
}

type Subscription = FactOf<'subscription'>;

/** A subscription from one of its events to the next. */
interface Stretch extends Span {
  readonly fact: Subscription;
}

export function expanderOf(
  home: FactSource,
  state: AccountState,
  { expansion }: Definitions,
): Expander {
  const histories = subscriptionsOf(home);
  const all = histories.flat();
  const expansions = histories.flatMap((history) =>
    history.flatMap((_, index) => {
      const found = expansionAt(history, index, all);
      if (found === undefined) return [];
      const grace = { from: found.at, to: found.at + expansion.graceMs };
      const refunded = refundedSpans(paymentsWithin(home, grace));
      return [{ ...found, undone: union([...refunded, ...reversedSpans(found, grace)]) }];
    }),
  );
  return { state, onboardedAt: onboardedAt(home), expansions };
}

function subscriptionsOf(home: FactSource): readonly (readonly Stretch[])[] {
  const histories: (readonly Stretch[])[] = [];
  for (const entity of home.entities()) {
    if (!isEntity(entity, ENTITY.subscription)) continue;
    const events = effectiveFacts(home, entity).filter((fact) => isKind(fact, 'subscription'));
    // A state that another replaces in the same millisecond was never held.
    const lasting = events.filter((fact, index) => events[index + 1]?.at !== fact.at);
    histories.push(
      lasting.map((fact, index) => ({
        fact,
        from: fact.at,
        to: lasting[index + 1]?.at ?? Infinity,
      })),
    );
  }
  return histories;
}

function mrrOf({ fact }: Stretch): number {
  return fact.step === 'ended' ? 0 : fact.mrrMinor;
}

/** What an event of a subscription adds, if anything (KPI_SPEC 2.16, 7.4, 7.7.9). */
function expansionAt(
  history: readonly Stretch[],
  index: number,
  all: readonly Stretch[],
): Omit<Expansion, 'undone'> | undefined {
  const now = history[index];
  if (now === undefined || mrrOf(now) <= 0) return undefined;
  const before = history.slice(0, index);
  const isTrialEnd = before.length > 0 && before.every((stretch) => mrrOf(stretch) <= 0);
  const { at, product, currency } = now.fact;
  const ofProduct = all.filter((stretch) => stretch.fact.product === product && mrrOf(stretch) > 0);
  const isHeld = ofProduct.some((stretch) => stretch.from < at && at <= stretch.to);
  if (isTrialEnd) return undefined;
  if (!isHeld) return { kind: 'cross_sell', at, levels: levelsOf(ofProduct) };
  if (!isUpsell(before.at(-1), now)) return undefined;
  const levels = levelsOf(ofProduct.filter((stretch) => stretch.fact.currency === currency));
  return { kind: 'upsell', at, levels };
}

/** A rise for more or better of the same; another subscription to the product is more of it. */
function isUpsell(before: Stretch | undefined, now: Stretch): boolean {
  const { plan, product, quantity, reason, currency, mrrMinor } = now.fact;
  const isAdded = reason === null || reason === 'plan' || reason === 'seats';
  const isSame = before !== undefined && mrrOf(before) > 0 && before.fact.product === product;
  if (!isSame) return isAdded;
  if (before.fact.currency !== currency || mrrMinor <= before.fact.mrrMinor) return false;
  if (reason !== null) return isAdded;
  return plan !== before.fact.plan || (quantity ?? 0) > (before.fact.quantity ?? 0);
}

/** The sum of stretches over all time, ascending and without gaps. */
function levelsOf(stretches: readonly Stretch[]): readonly Level[] {
  const cuts = [
    ...new Set([-Infinity, ...stretches.flatMap(({ from, to }) => [from, to]), Infinity]),
  ].toSorted((a, b) => a - b);
  return cuts.slice(0, -1).map((from, index) => {
    const open = stretches.filter((stretch) => contains(stretch, from));
    const mrrMinor = open.reduce((sum, stretch) => sum + mrrOf(stretch), 0);
    return { from, to: cuts[index + 1] ?? Infinity, mrrMinor };
  });
}

/** From the first moment within the grace period at which nothing is left of it. */
function reversedSpans(
  { kind, at, levels }: Omit<Expansion, 'undone'>,
  grace: Span,
): readonly Span[] {
  const former = kind === 'upsell' ? (levels.find(({ to }) => at <= to)?.mrrMinor ?? 0) : 0;
  const reversed = levels.find(
    ({ from, mrrMinor }) => at < from && from < grace.to && mrrMinor <= former,
  );
  return reversed === undefined ? [] : [{ from: reversed.from, to: Infinity }];
}

function refundedSpans(payments: readonly Payment[]): readonly Span[] {
  return payments.map(({ inForce, refundedAt }) => ({
    from: Math.max(inForce.from, refundedAt),
    to: inForce.to,
  }));
}

/** As-of times at which an expansion of the window counts. */
export function expandedSpans(expansion: Expansion, windowMs: number): readonly Span[] {
  const { at, undone, levels, kind } = expansion;
  // What happens at an instant is known a millisecond later.
  const lasting = subtract(
    { from: at + 1, to: at + windowMs + 1 },
    undone.map(({ from, to }) => ({ from: from + 1, to: to + 1 })),
  );
  const more = kind === 'upsell' ? risen(levels, windowMs) : notHeld(levels, windowMs);
  return lasting.flatMap((span) => more.map((other) => intersect(span, other)));
}

/** Where the revenue of a product at t is above that at t - W. */
function risen(levels: readonly Level[], windowMs: number): readonly Span[] {
  return levels.flatMap((now) =>
    levels
      .filter((then) => then.mrrMinor < now.mrrMinor)
      .map((then) =>
        intersect(
          { from: now.from + 1, to: now.to + 1 },
          { from: then.from + windowMs, to: then.to + windowMs },
        ),
      ),
  );
}

/** Where the product was not held at t - W. */
function notHeld(levels: readonly Level[], windowMs: number): readonly Span[] {
  return levels
    .filter(({ mrrMinor }) => mrrMinor === 0)
    .map(({ from, to }) => ({ from: from + windowMs, to: to + windowMs }));
}
