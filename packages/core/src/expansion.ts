import { type AccountState } from './account.ts';
import { type Definitions } from './definitions.ts';
import { ENTITY, isEntity } from './entity.ts';
import { type FactOf, isKind } from './fact.ts';
import { type FactSource, effectiveFacts } from './home.ts';
import { onboardedAt } from './onboarding.ts';
import { type Payment, invoicesOf, paymentsWithin } from './payments.ts';
import {
  type Span,
  cutTime,
  indexAt,
  intersect,
  spanAt,
  spansWithin,
  subtract,
  union,
} from './span.ts';

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
  /** Whether it is paused: what it had before holds on. */
  readonly isPaused?: true;
}

export function expanderOf(
  home: FactSource,
  state: AccountState,
  { expansion, churn }: Definitions,
): Expander {
  const histories = subscriptionsOf(home).map((history) => withPauses(history, churn.pauseLimitMs));
  const revenue = new ProductRevenue(histories.flat());
  const invoices = invoicesOf(home);
  const expansions = histories.flatMap((history) => {
    const firstPaid = history.findIndex((stretch) => mrrOf(stretch) > 0);
    return history.flatMap((now, index) => {
      const isTrialEnd = index === firstPaid && index > 0;
      const found =
        isTrialEnd || now.isPaused ? undefined : expansionAt(now, history[index - 1], revenue);
      if (found === undefined) return [];
      const grace = { from: found.at, to: found.at + expansion.graceMs };
      const refunded = refundedSpans(paymentsWithin(invoices, grace));
      return [{ ...found, undone: union([...refunded, ...reversedSpans(found, grace)]) }];
    });
  });
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

/**
 * What a subscription has while it is paused is what it had, for as long as the pause keeps its account active (account.ts): from an update
 * to MRR 0 until the limit, or until anything else is said of it. So whoever goes on with the same adds nothing.
 */
function withPauses(history: readonly Stretch[], limitMs: number): readonly Stretch[] {
  if (limitMs === 0) return history;
  let held: Stretch | undefined;
  let pauseEnd = -Infinity;
  return history.flatMap((stretch) => {
    const isPause = stretch.fact.step === 'updated' && mrrOf(stretch) <= 0;
    if (!isPause) {
      held = mrrOf(stretch) > 0 ? stretch : undefined;
      pauseEnd = stretch.to + limitMs;
      return [stretch];
    }
    if (held === undefined || pauseEnd <= stretch.from) return [stretch];
    const to = Math.min(stretch.to, pauseEnd);
    const paused: Stretch = { fact: held.fact, from: stretch.from, to, isPaused: true };
    return to < stretch.to ? [paused, { ...stretch, from: to }] : [paused];
  });
}

function mrrOf({ fact }: Stretch): number {
  return fact.step === 'ended' ? 0 : fact.mrrMinor;
}

/** What an event of a subscription adds, if anything (KPI_SPEC 2.16, 7.4, 7.7.9). */
function expansionAt(
  now: Stretch,
  before: Stretch | undefined,
  revenue: ProductRevenue,
): Omit<Expansion, 'undone'> | undefined {
  if (mrrOf(now) <= 0) return undefined;
  const { at, product, currency } = now.fact;
  const levels = revenue.of(product);
  if (levelBefore(levels, at) === 0) return { kind: 'cross_sell', at, levels };
  if (!isUpsell(before, now)) return undefined;
  return { kind: 'upsell', at, levels: revenue.of(product, currency) };
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

/** What the subscriptions to each product of an account bring, each sum made once. */
class ProductRevenue {
  readonly #paying: readonly Stretch[];
  readonly #levels = new Map<string, readonly Level[]>();

  constructor(stretches: readonly Stretch[]) {
    this.#paying = stretches.filter((stretch) => mrrOf(stretch) > 0);
  }

  /** Over all time, ascending and without gaps; in any currency unless one is given. */
  of(product: string | null, currency?: string): readonly Level[] {
    const key = JSON.stringify([product, currency]);
    const known = this.#levels.get(key);
    if (known !== undefined) return known;
    const stretches = this.#paying.filter(
      ({ fact }) =>
        fact.product === product && (currency === undefined || fact.currency === currency),
    );
    const levels = cutTime(stretches).map(({ from, to, open }) => ({
      from,
      to,
      mrrMinor: open.reduce((sum, { fact }) => sum + fact.mrrMinor, 0),
    }));
    this.#levels.set(key, levels);
    return levels;
  }
}

/** Revenue until just before an instant. */
function levelBefore(levels: readonly Level[], at: number): number {
  return spanAt(levels, at - 1)?.mrrMinor ?? 0;
}

/** From the first moment within the grace period at which nothing is left of it. */
function reversedSpans(
  { kind, at, levels }: Omit<Expansion, 'undone'>,
  grace: Span,
): readonly Span[] {
  const former = kind === 'upsell' ? levelBefore(levels, at) : 0;
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
  const more = kind === 'upsell' ? risen : notHeld;
  return lasting.flatMap((span) => more(levels, windowMs, span));
}

/** As-of times of a stretch at which the revenue of a product at t is above that at t - W. */
function risen(levels: readonly Level[], windowMs: number, stretch: Span): readonly Span[] {
  const spans: Span[] = [];
  let now = indexAt(levels, stretch.from - 1);
  let then = indexAt(levels, stretch.from - windowMs);
  for (let { from } = stretch; from < stretch.to;) {
    const [is, was] = [levels[now], levels[then]];
    if (is === undefined || was === undefined) break;
    // What begins at an instant is known a millisecond later; what was at t - W is as it was then.
    const [isTo, wasTo] = [is.to + 1, was.to + windowMs];
    const to = Math.min(isTo, wasTo, stretch.to);
    if (was.mrrMinor < is.mrrMinor) spans.push({ from, to });
    if (isTo === to) now += 1;
    if (wasTo === to) then += 1;
    from = to;
  }
  return spans;
}

/** As-of times of a stretch at which the product was not held at t - W. */
function notHeld(levels: readonly Level[], windowMs: number, stretch: Span): readonly Span[] {
  const start = { from: stretch.from - windowMs, to: stretch.to - windowMs };
  return spansWithin(levels, start)
    .filter(({ mrrMinor }) => mrrMinor === 0)
    .map(({ from, to }) => intersect({ from: from + windowMs, to: to + windowMs }, stretch));
}
