import { type Definitions, type EventOf, type KpiEvent } from '@kpi/core';

import { ofTypes } from './naive-events.ts';
import { recognised } from './recognised.ts';

const NONE = '(none)';

function dayOf(ms: number): number {
  return ms / 86_400_000;
}

interface OpenSubscription {
  readonly id: string;
  readonly source: string;
  readonly plan: string;
  readonly mrrMinor: number;
  readonly currency: string;
}

const SUBSCRIPTION_TYPES = [
  'billing.subscription_started',
  'billing.subscription_updated',
  'billing.subscription_ended',
] as const;

/** Whether an account is a test or the company's own: the last statement about it holds for all of history. */
export function isInternal(accountId: string, events: readonly KpiEvent[]): boolean {
  const stated = ofTypes(events, ['account.created']).findLast(
    (event) => event.account_id === accountId && event.is_internal !== null,
  );
  return stated?.is_internal ?? false;
}

function isUpdateToZero(event: EventOf<(typeof SUBSCRIPTION_TYPES)[number]>): boolean {
  return event.event_type === 'billing.subscription_updated' && event.mrr_minor <= 0;
}

type Change = EventOf<'user.joined_account' | 'user.left_account'>;

/** Where a user is: what the last join says, if that account was not left since. */
function accountAt(changes: readonly Change[], user: string | null, at: number): string | null {
  const isLeave = (event: Change): boolean => event.event_type === 'user.left_account';
  let account: string | null = null;
  const known = changes
    .filter((event) => event.user_id === user && event.occurred_at <= at)
    .toSorted((a, b) => a.occurred_at - b.occurred_at || Number(isLeave(b)) - Number(isLeave(a)));
  for (const event of known) {
    if (!isLeave(event)) account = event.account_id;
    else if (event.account_id === account) account = null;
  }
  return account;
}

/** One account as it was at any instant, found anew at every question. Times are ms; a state holds the events at its instant. */
export class NaiveAccount {
  readonly id: string;
  readonly #events: readonly KpiEvent[];
  readonly #everybodys: readonly KpiEvent[];
  readonly #changes: readonly EventOf<(typeof SUBSCRIPTION_TYPES)[number]>[];
  readonly #definitions: Definitions;

  constructor(id: string, events: readonly KpiEvent[], definitions: Definitions) {
    this.id = id;
    this.#everybodys = events;
    this.#events = events.filter((event) => event.account_id === id);
    this.#changes = recognised(ofTypes(this.#events, SUBSCRIPTION_TYPES), definitions);
    this.#definitions = definitions;
  }

  /** Instants at which the state may change, ascending. */
  get instants(): readonly number[] {
    const { pauseLimitMs } = this.#definitions.churn;
    const times = this.#changes.flatMap(({ occurred_at: at }) => [at, at + pauseLimitMs]);
    return [...new Set(times)].toSorted((a, b) => a - b);
  }

  /** With MRR above 0, or a subscription that has been paused for less than the limit. */
  isActive(at: number): boolean {
    return this.open(at).length > 0 || this.#isPaused(at);
  }

  #isPaused(at: number): boolean {
    const known = this.#changes.filter((event) => event.occurred_at <= at);
    const histories = Map.groupBy(known, (event) =>
      JSON.stringify([event.source, event.subscription_id]),
    );
    return [...histories.values()].some((history) => {
      const held = history.filter(
        (event, index) => history[index + 1]?.occurred_at !== event.occurred_at,
      );
      const beforePause = held.findLastIndex((event) => !isUpdateToZero(event));
      const begin = held[beforePause + 1];
      const former = held[beforePause];
      if (begin === undefined || former === undefined) return false;
      const wasOpen = former.event_type !== 'billing.subscription_ended' && former.mrr_minor > 0;
      return wasOpen && at < begin.occurred_at + this.#definitions.churn.pauseLimitMs;
    });
  }

  /** Subscriptions with MRR above 0. */
  open(at: number): readonly OpenSubscription[] {
    const known = this.#changes.filter((event) => event.occurred_at <= at);
    return known.flatMap((event, index) => {
      const isLast = !known
        .slice(index + 1)
        .some(
          (later) =>
            later.subscription_id === event.subscription_id && later.source === event.source,
        );
      if (!isLast || event.event_type === 'billing.subscription_ended' || event.mrr_minor <= 0)
        return [];
      return [
        {
          id: event.subscription_id,
          source: event.source,
          plan: event.plan_id,
          mrrMinor: event.mrr_minor,
          currency: event.currency,
        },
      ];
    });
  }

  /** Plan of the subscription that has been open for longest, ties by id. */
  plan(at: number): string {
    const [oldest] = this.open(at)
      .map((one) => ({ ...one, since: this.#openSince(one, at) }))
      .toSorted(
        (a, b) =>
          a.since - b.since ||
          Number(a.id > b.id) - Number(a.id < b.id) ||
          Number(a.source > b.source) - Number(a.source < b.source),
      );
    return oldest?.plan ?? NONE;
  }

  /** Since when it has been active without a break; undefined when it is not. */
  activeSince(at: number): number | undefined {
    return this.#unbrokenSince(at, (instant) => this.isActive(instant));
  }

  /** Whether it is active at `at` and was not the millisecond before. */
  begins(at: number): boolean {
    return this.isActive(at) && !this.isActive(at - 1);
  }

  /** Whether it was active until `at`. */
  churns(at: number): boolean {
    return !this.isActive(at) && this.isActive(at - 1);
  }

  /** First completion of a course that trains; of a member who has one from elsewhere, from when the member belongs to it. */
  get trainedAt(): number {
    const { trainingCourses } = this.#definitions;
    const completions = ofTypes(this.#everybodys, ['lms.course_completed']).filter(
      (event) =>
        event.user_id !== null &&
        (trainingCourses.length === 0 || trainingCourses.includes(event.course_id)),
    );
    const changes = ofTypes(this.#everybodys, ['user.joined_account', 'user.left_account']);
    const isTrained = (at: number): boolean =>
      completions.some(
        (event) =>
          event.occurred_at <= at &&
          (event.account_id === this.id || accountAt(changes, event.user_id, at) === this.id),
      );
    const instants = [...completions, ...changes].map((event) => event.occurred_at);
    return Math.min(...instants.filter(isTrained));
  }

  /** Stratum of an active instant. */
  stratum(at: number): { trained: string; tenure: string; plan: string } | undefined {
    const since = this.activeSince(at);
    if (since === undefined) return undefined;
    const trained = String(this.trainedAt <= at);
    return { trained, tenure: this.#tenure(at - since), plan: this.plan(at) };
  }

  #tenure(ms: number): string {
    const edges = this.#definitions.tenureEdgesMs;
    const next = edges.findIndex((edge) => ms < edge);
    if (next === -1) return `${dayOf(edges.at(-1) ?? 0)}+`;
    return `${dayOf(edges[next - 1] ?? 0)}-${dayOf(edges[next] ?? 0)}`;
  }

  #openSince(subscription: OpenSubscription, at: number): number {
    const isOpen = (instant: number): boolean =>
      this.open(instant).some(
        (one) => one.id === subscription.id && one.source === subscription.source,
      );
    return this.#unbrokenSince(at, isOpen) ?? Infinity;
  }

  #unbrokenSince(at: number, holds: (instant: number) => boolean): number | undefined {
    let since: number | undefined;
    for (const instant of this.instants.filter((one) => one <= at).toReversed()) {
      if (!holds(instant)) return since;
      since = instant;
    }
    return since;
  }
}
