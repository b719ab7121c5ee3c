import { type EventOf, type KpiEvent } from '@kpi/core';

import { lastOfEach, ofTypes } from './naive-events.ts';
import { type Moment, type Part } from './naive-parts.ts';
import { paidWithin } from './naive-refunds.ts';
import { recognised } from './recognised.ts';

const TYPES = [
  'billing.subscription_started',
  'billing.subscription_updated',
  'billing.subscription_ended',
] as const;

type Change = EventOf<(typeof TYPES)[number]>;

/** KPI_SPEC 2.16, 7.4, 7.7.9: active and onboarded at t - W; an upsell or a cross-sell since that still stands. */
export function expansionAt(moment: Moment): readonly Part[] {
  const { t, windowMs, known } = moment;
  const start = t - windowMs;
  return [...moment.accounts].flatMap(([id, account]): readonly Part[] => {
    const events = known.filter((event) => event.account_id === id);
    const onboardedAt = ofTypes(events, ['onboarding.completed'])[0]?.occurred_at ?? Infinity;
    if (onboardedAt > start || !account.isActive(start)) return [];
    const { pauseLimitMs } = moment.definitions.churn;
    const changes = recognised(ofTypes(events, TYPES), moment.definitions);
    const subscriptions = new Subscriptions(changes, pauseLimitMs);
    const found = subscriptions.changes
      .filter((change) => start <= change.occurred_at)
      .flatMap((change) => kindOf(change, { subscriptions, events, moment }));
    const dimensions = { plan: account.plan(start) };
    const one = (component: string, holds: boolean): Part => ({
      component,
      dimensions,
      amount: Number(holds),
    });
    return [
      one('onboarded', true),
      one('expanded', found.length > 0),
      one('upsold', found.includes('upsell')),
      one('cross_sold', found.includes('cross_sell')),
    ];
  });
}

interface Setting {
  readonly subscriptions: Subscriptions;
  readonly events: readonly KpiEvent[];
  readonly moment: Moment;
}

function kindOf(change: Change, setting: Setting): readonly ('upsell' | 'cross_sell')[] {
  const { subscriptions, moment } = setting;
  const { t, windowMs } = moment;
  const at = change.occurred_at;
  const { product_id: product, currency } = change;
  if (mrrOf(change) <= 0 || product === null || currency === null) return [];
  const earlier = subscriptions.of(change).filter((one) => one.occurred_at < at);
  if (earlier.length > 0 && earlier.every((one) => mrrOf(one) <= 0)) return [];
  const grace = { from: at, to: at + moment.definitions.expansion.graceMs };
  if (paidWithin(setting.events, grace).some(({ isRefunded }) => isRefunded)) return [];
  const level = (instant: number): number => subscriptions.mrr(instant, product, currency);
  const held = (instant: number): boolean => subscriptions.isHeld(instant, product);
  const soon = subscriptions.instants.filter(
    (instant) => at < instant && instant < at + moment.definitions.expansion.graceMs,
  );
  if (!held(at - 1)) {
    const isKept = soon.every(held);
    return isKept && !held(t - windowMs) ? ['cross_sell'] : [];
  }
  if (!isUpsell(subscriptions.lastOf(earlier, at - 1), change)) return [];
  const isKept = soon.every((instant) => level(instant) > level(at - 1));
  return isKept && level(t - 1) > level(t - windowMs) ? ['upsell'] : [];
}

function isUpsell(before: Change | undefined, now: Change): boolean {
  const reason = now.event_type === 'billing.subscription_updated' ? now.change_reason : null;
  const isMore = ['plan', 'seats'].includes(reason ?? '');
  if (before === undefined || mrrOf(before) <= 0 || before.product_id !== now.product_id)
    return isMore || reason === null;
  if (before.currency !== now.currency || mrrOf(now) <= mrrOf(before)) return false;
  const isBetter = now.plan_id !== before.plan_id || (now.quantity ?? 0) > (before.quantity ?? 0);
  return isMore || (reason === null && isBetter);
}

function mrrOf(change: Change): number {
  return change.event_type === 'billing.subscription_ended' ? 0 : (change.mrr_minor ?? 0);
}

/** The subscriptions of an account. Of several events of one at an instant the last one holds. */
class Subscriptions {
  readonly changes: readonly Change[];
  readonly #pauseLimitMs: number;

  constructor(changes: readonly Change[], pauseLimitMs: number) {
    this.#pauseLimitMs = pauseLimitMs;
    this.changes = lastOfEach(changes, (change) =>
      JSON.stringify([change.source, change.subscription_id, change.occurred_at]),
    );
  }

  get instants(): readonly number[] {
    return this.changes.flatMap(({ occurred_at: at }) => [at, at + this.#pauseLimitMs]);
  }

  /** Events of the same subscription. */
  of(change: Change): readonly Change[] {
    return this.changes.filter(
      (one) => one.source === change.source && one.subscription_id === change.subscription_id,
    );
  }

  mrr(at: number, product: string, currency: string): number {
    return this.#open(at, product)
      .filter((change) => change.currency === currency)
      .reduce((sum, change) => sum + mrrOf(change), 0);
  }

  isHeld(at: number, product: string): boolean {
    return this.#open(at, product).length > 0;
  }

  #open(at: number, product: string): readonly Change[] {
    const until = this.changes.filter((change) => change.occurred_at <= at);
    const histories = Map.groupBy(until, (change) =>
      JSON.stringify([change.source, change.subscription_id]),
    );
    const states = [...histories.values()].flatMap((history) => this.lastOf(history, at) ?? []);
    return states.filter((change) => change.product_id === product && mrrOf(change) > 0);
  }

  /** What a subscription with these changes is at an instant: while it is paused, what it was before. */
  lastOf(history: readonly Change[], at: number): Change | undefined {
    const isPause = (change: Change): boolean =>
      change.event_type === 'billing.subscription_updated' && change.mrr_minor <= 0;
    const before = history.findLastIndex((change) => !isPause(change));
    const [held, begin] = [history[before], history[before + 1]];
    const isPaused =
      held !== undefined &&
      mrrOf(held) > 0 &&
      begin !== undefined &&
      at < begin.occurred_at + this.#pauseLimitMs;
    return isPaused ? held : history.at(-1);
  }
}
